import { expect } from "chai";
import { refuse } from "../../../contract/errors.ts";
import { sql } from "../../../mixins/sql.ts";
import { typeOf } from "../../../mixins/store-errors.ts";
import type { Row, SqlTx } from "../../../mixins/sql.types.ts";
import { databases, failure, ledger, node, notes, place, type LedgerActor, type Place } from "./ledger.ts";

type Node = Awaited<ReturnType<typeof node>>;

for (const kind of databases) {
  describe(`what a transaction takes for granted on ${kind}`, () => {
    let at: Place;
    let one: Node;
    let actor: LedgerActor;

    beforeEach(async () => {
      at = await place(kind, ["ledger"]);
      one = await node(at, [ledger("ledger", { subscribers: () => [] })]);
      actor = one.actorOf("ledger");
    });
    afterEach(async () => {
      await one.stop();
      await at.remove();
    });

    const put = (id: string) => one.broker.call("ledger.put", { id, account: "a", amount: 1 });
    const note = (id: string): Row => ({ id, account: "a", amount: 1 });

    it("works what was left out behind a failed statement when it is sent once more", async () => {
      const more = (tx: SqlTx) => tx.tell(sql`insert into stock (sku, n) values (${"sku"}, ${7})`);
      const both = actor.store.write(async (tx) => {
        await tx.insert("notes", notes, [{ ...note("a"), amount: 2_000_000 }]);
        await more(tx);
      });
      expect(typeOf(await failure(both))).to.equal("STORE_ERROR");
      await actor.store.write(more);
      expect(await actor.store.read.get(sql`select n from stock where sku = ${"sku"}`)).to.deep.equal({
        n: 7,
      });
    });

    it("changes exactly as many rows as a write must change, or nothing", async () => {
      await Promise.all([put("a"), put("b")]);
      const raise = (n: number, expected: number) =>
        actor.store.write(async (tx) => {
          await tx.insert("notes", notes, [note(`of ${n}`)]);
          await tx.exactly(expected, sql`update notes set amount = ${n} where id in ('a', 'b')`, () =>
            refuse(409, "MOVED", "Moved."),
          );
        });
      const answers = await Promise.allSettled([raise(5, 2), raise(6, 1), raise(7, 3)]);
      expect(answers.map(({ status }) => status)).to.deep.equal(["fulfilled", "rejected", "rejected"]);
      expect(await failure(raise(8, 3))).to.include({ type: "MOVED", code: 409 });
      const rows = await actor.store.read.all(sql`select id, amount from notes order by id`);
      expect(rows).to.deep.equal([
        { id: "a", amount: 5 },
        { id: "b", amount: 5 },
        { id: "of 5", amount: 1 },
      ]);
    });

    it("works once more what took a row for new that was there, alone, among others and beside work of another kind", async () => {
      const tries: boolean[] = [];
      const once = actor.store.batch("once", async (tx, ids: readonly string[]) => {
        tries.push(tx.first);
        const known = tx.first ? [] : await tx.all<{ id: string }>(sql`select id from notes`);
        const there = new Set(known.map(({ id }) => id));
        await tx.insert("notes", notes, ids.filter((id) => !there.has(id)).map(note));
        return ids.map((id) => ({ ok: there.has(id) ? "known" : "new" }));
      });
      expect(await once("a")).to.equal("new");
      expect(await once("a")).to.equal("known");
      expect(await Promise.all([once("b"), once("a"), once("c")])).to.deep.equal(["new", "known", "new"]);
      expect(tries).to.deep.equal([true, true, false, true, false, false, false]);
      tries.length = 0;
      const other = actor.store.write((tx) => tx.insert("notes", notes, [note("e")]));
      expect(await Promise.all([once("d"), once("a"), other])).to.deep.equal(["new", "known", undefined]);
      expect(tries).to.deep.equal([true, false, false]);
    });
  });
}
