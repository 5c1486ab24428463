import { expect } from "chai";
import { migrate, type Migration } from "../../../mixins/migrations.ts";
import { databaseOf, sequelizeOf } from "../../../mixins/sql-database.ts";
import { sql } from "../../../mixins/sql.ts";
import { count, ledger, migrations, node, place, postgresUrl, type Place } from "./ledger.ts";

const now = () => "2026-01-01T00:00:00.000Z";
/** What a newer version adds: a column that the older one does not know, with a default, and a table of its own. */
const expand: Migration = {
  name: "002.expand",
  up: [
    "alter table notes add column colour text not null default 'white'",
    "create table colours (id text primary key)",
  ],
  down: ["drop table colours", "alter table notes drop column colour"],
};

(postgresUrl === undefined ? describe.skip : describe)("an older and a newer node on one PostgreSQL", () => {
  let at: Place;
  beforeEach(async () => {
    at = await place("postgres", ["ledger"]);
  });
  afterEach(() => at.remove());

  it("work side by side while the newer one migrates, and after it", async () => {
    const older = await node(at, [ledger("ledger")]);
    const put = (broker: typeof older.broker, id: string) =>
      broker.call("ledger.put", { id, account: "a", amount: 1 });
    let open = true;
    let written = 0;
    const failures: unknown[] = [];
    const load = (async () => {
      while (open) await put(older.broker, `o${written++}`).catch((error: unknown) => failures.push(error));
    })();
    const newer = await node(at, [ledger("ledger", { migrations: [...migrations, expand] })]);
    for (let n = 0; n < 20; n++) await put(newer.broker, `n${n}`);
    open = false;
    await load;
    expect(failures).to.deep.equal([]);
    expect(await count(older.actorOf("ledger"), "notes")).to.equal(written + 20);
    // An older node that starts again (a roll-back of the version) leaves alone what it does not know.
    await older.stop();
    const again = await node(at, [ledger("ledger")]);
    await put(again.broker, "again");
    const rows = await newer
      .actorOf("ledger")
      .store.read.all<{ colour: string }>(sql`select colour from notes where id = 'again'`);
    expect(rows).to.deep.equal([{ colour: "white" }]);
    await Promise.all([newer.stop(), again.stop()]);
  }).timeout(30_000);

  it("take each migration once when ten start at the same moment", async () => {
    const open = () => databaseOf(sequelizeOf("ledger", at.dataDir, at.databaseUrls["ledger"]));
    const all = await Promise.all(Array.from({ length: 10 }, open));
    try {
      const taken = await Promise.all(all.map((database) => migrate(database, [...migrations, expand], now)));
      expect(new Set(taken.flat()).size, "a step was taken twice").to.equal(taken.flat().length);
      expect(taken.flat()).to.include.members(["000.kernel", "001.notes", "002.expand"]);
      // Whoever holds the lock takes all of them; nobody takes a step in between.
      expect(taken.filter((steps) => steps.length > 0)).to.have.length(1);
    } finally {
      await Promise.all(all.map((database) => database.close()));
    }
  }).timeout(30_000);
});
