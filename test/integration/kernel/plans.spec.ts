import { expect } from "chai";
import { sql, type Sql } from "../../../mixins/sql.ts";
import type { SqlDatabase } from "../../../mixins/sql-session.ts";
import { typeOf } from "../../../mixins/store-errors.ts";
import { failure, ledger, node, notes, place, postgresUrl, type LedgerActor, type Place } from "./ledger.ts";

interface Asks {
  all<R>(query: Sql): Promise<R[]>;
}
type Settings = Record<"tables" | "bitmaps" | "hashes", string>;
const settings = sql`select current_setting('enable_seqscan') as tables,
  current_setting('enable_bitmapscan') as bitmaps, current_setting('enable_hashjoin') as hashes`;
const settingsOf = async (asks: Asks): Promise<Settings | undefined> =>
  (await asks.all<Settings>(settings))[0];

(postgresUrl === undefined ? describe.skip : describe)("plans on PostgreSQL", () => {
  let at: Place;
  let one: Awaited<ReturnType<typeof node>>;
  let actor: LedgerActor & { $database: SqlDatabase };

  before(async () => {
    at = await place("postgres", ["ledger"]);
    one = await node(at, [ledger("ledger")]);
    actor = one.actorOf("ledger") as typeof actor;
  });
  after(async () => {
    await one.stop();
    await at.remove();
  });

  it("finds what it writes by a key, also while the table is small", async () => {
    const plan = await actor.store.write((tx) =>
      tx.all<{ "QUERY PLAN": string }>(sql`explain update notes set amount = d.amount
        from (${tx.rows(notes, [{ id: "a", account: "a", amount: 1 }])}) as d where notes.id = d.id`),
    );
    const text = plan.map((row) => row["QUERY PLAN"]).join("\n");
    expect(text).to.contain("Index Scan using notes_pkey").and.not.contain("Seq Scan");
  });

  it("writes without reading whole tables, and claims without the bitmaps that read dead entries again", async () => {
    const off = { tables: "off", bitmaps: "off" };
    expect(await actor.store.write(settingsOf)).to.deep.equal({ ...off, hashes: "off" });
    expect(await actor.$database.lease!("ears", settingsOf)).to.deep.include(off);
  });

  it("reads lists as the server likes best, also by a connection that claimed deliveries", async () => {
    for (let n = 0; n < 5; n++)
      expect(await settingsOf(actor.store.read)).to.deep.equal({ tables: "on", bitmaps: "on", hashes: "on" });
  });

  it("says so when a commit was a rollback, for an error that nobody told", async () => {
    const frozen = actor.$database.lease!("ears", async (session) => {
      await session.all(sql`select 1 / 0`).catch(() => undefined);
    });
    expect(typeOf(await failure(frozen))).to.equal("STORE_ERROR");
  });
});
