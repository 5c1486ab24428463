import { expect } from "chai";
import { sql } from "../../../mixins/sql.ts";
import { databases, ledger, node, place, type LedgerActor, type Place } from "./ledger.ts";

for (const kind of databases) {
  describe(`a table of values on ${kind}`, () => {
    let at: Place;
    let one: Awaited<ReturnType<typeof node>>;
    let actor: LedgerActor;

    before(async () => {
      at = await place(kind, ["ledger"]);
      one = await node(at, [ledger("ledger")]);
      actor = one.actorOf("ledger");
    });
    after(async () => {
      await one.stop();
      await at.remove();
    });

    it("gives one row of values as it gives many", async () => {
      const columns = { sku: "text", n: "bigint", note: "text" } as const;
      const { read } = actor.store;
      const given = (rows: readonly object[]) =>
        read.all(
          sql`select sku, n, note, n + 1 as next, n is null as none from (${read.rows(columns, rows)}) as d`,
        );
      for (const row of [
        { sku: "007", n: Number.MAX_SAFE_INTEGER - 1 },
        { sku: `a'"\\b\u00e9\u{1f600}`, n: -1, note: "" },
        { sku: "", n: null, note: "null" },
      ]) {
        const [first, second] = await given([row, row]);
        expect(first).to.deep.equal(second);
        expect(await given([row])).to.deep.equal([first]);
      }
    });
  });
}
