import { expect } from "chai";
import { byKey, migrate, migrateDown, type Migration } from "../../../mixins/migrations.ts";
import { databaseOf, sequelizeOf } from "../../../mixins/sql-database.ts";
import type { SqlDatabase } from "../../../mixins/sql-session.ts";
import { sql } from "../../../mixins/sql.ts";
import { databases, place, type Place } from "./ledger.ts";

const now = () => "2026-01-01T00:00:00.000Z";
const step = (name: string, ...up: string[]): Migration => ({
  name,
  up,
  down: [`drop table ${name.slice(4)}`],
});
const one = step("001.one", "create table one (id text primary key)");
const two = step("002.two", "create table two (id text primary key)", "insert into two (id) values ('x')");

for (const kind of databases) {
  describe(`migrations on ${kind}`, () => {
    let at: Place;
    let database: SqlDatabase;
    beforeEach(async () => {
      at = await place(kind, ["actor"]);
      database = await databaseOf(sequelizeOf("actor", at.dataDir, at.databaseUrls["actor"]));
    });
    afterEach(async () => {
      await database.close();
      await at.remove();
    });
    const exists = (table: string) =>
      database.read.all({ strings: [`select * from ${table}`], values: [] }).then(
        () => true,
        () => false,
      );

    it("are taken once, in order, the kernel's own first", async () => {
      expect(await migrate(database, [one], now)).to.deep.equal([
        "000.kernel",
        "000.trace",
        "000.sweeps",
        "001.one",
      ]);
      expect(await migrate(database, [one, two], now)).to.deep.equal(["002.two"]);
      expect(await migrate(database, [one, two], now)).to.deep.equal([]);
      expect(await database.read.all(sql`select id from two`)).to.have.length(1);
    });

    it("leave nothing of a step that fails half way", async () => {
      const bad = step("002.bad", "create table bad (id text primary key)", "insert into nowhere values (1)");
      const error: unknown = await migrate(database, [one, bad], now).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(Error);
      expect(await exists("one")).to.equal(true);
      expect(await exists("bad")).to.equal(false);
      expect(await migrate(database, [one, two], now)).to.deep.equal(["002.two"]);
    });

    it("lay a table out by its key where the database can", async () => {
      const keyed: Migration = {
        name: "001.keyed",
        up: [byKey("create table keyed (a text not null, b text not null, primary key (a, b))")],
        down: ["drop table keyed"],
      };
      await migrate(database, [keyed], now);
      expect(await exists("keyed")).to.equal(true);
      if (kind !== "sqlite") return;
      const layout = await database.read.get<{ wr: number }>(
        sql`select wr from pragma_table_list where name = 'keyed'`,
      );
      expect(layout?.wr).to.equal(1);
    });

    it("are taken back down to a step", async () => {
      await migrate(database, [one, two], now);
      await migrateDown(database, [one, two], "002.two");
      expect(await exists("one")).to.equal(true);
      expect(await exists("two")).to.equal(false);
      expect(await migrate(database, [one, two], now)).to.deep.equal(["002.two"]);
    });
  });
}
