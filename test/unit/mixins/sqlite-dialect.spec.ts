import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { DataTypes, QueryTypes, Sequelize, Transaction, UniqueConstraintError } from "sequelize";
import sqliteDialect, { Database, openSqlite } from "../../../mixins/sqlite-dialect.ts";

describe("Sequelize on node:sqlite", () => {
  let dir: string;
  let sequelize: Sequelize;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), "valence-dialect-"));
    sequelize = new Sequelize({
      dialect: "sqlite",
      storage: join(dir, "a.sqlite"),
      dialectModule: sqliteDialect,
      logging: false,
    });
    await sequelize.query("create table people (id text primary key, age bigint)");
  });
  afterEach(async () => {
    await sequelize.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const people = () =>
    sequelize.define(
      "people",
      { id: { type: DataTypes.TEXT, primaryKey: true }, age: DataTypes.BIGINT },
      { tableName: "people", timestamps: false },
    );

  it("writes and reads rows", async () => {
    const model = people();
    await model.create({ id: "a", age: 7 });
    await model.update({ age: 8 }, { where: { id: "a" } });
    expect((await model.findByPk("a"))?.get("age")).to.equal(8);
    expect(await model.destroy({ where: { id: "a" } })).to.equal(1);
  });

  it("tells a unique violation by its class", async () => {
    const model = people();
    await model.create({ id: "a" });
    const error: unknown = await model.create({ id: "a" }).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(UniqueConstraintError);
  });

  it("undoes a transaction", async () => {
    const model = people();
    await sequelize
      .transaction({ type: Transaction.TYPES.IMMEDIATE }, async (transaction) => {
        await model.create({ id: "a" }, { transaction });
        throw new Error("no");
      })
      .catch(() => undefined);
    expect(await model.count()).to.equal(0);
  });

  it("waits its turn without blocking the event loop while another connection writes", async () => {
    const other = openSqlite(join(dir, "a.sqlite"));
    other.exec("begin immediate");
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
      if (turns === 20) other.exec("commit");
    }, 1);
    await people().create({ id: "a" });
    clearInterval(timer);
    other.close();
    expect(turns).to.be.at.least(20);
  });

  it("makes every connection durable", async () => {
    const read = async (name: string) => {
      const rows = await sequelize.query<Record<string, unknown>>(`pragma ${name}`, {
        type: QueryTypes.SELECT,
      });
      return Object.values(rows[0] ?? {})[0];
    };
    expect(await read("journal_mode")).to.equal("wal");
    expect(await read("synchronous")).to.equal(2);
    expect(await read("foreign_keys")).to.equal(1);
  });

  it("refuses a file that cannot be in WAL mode", () => {
    const file = join(dir, "busy.sqlite");
    const other = new DatabaseSync(file);
    other.exec("pragma journal_mode = delete; create table t (a); begin; select * from t");
    expect(() => openSqlite(file)).to.throw(/locked|journal_mode/);
    other.close();
  });

  it("answers an opening that fails", (done) => {
    new Database(join(dir, "none", "a.sqlite"), undefined, (error) => {
      expect(error).to.be.instanceOf(Error);
      done();
    });
  });
});
