import { expect } from "chai";
import { refuse } from "../../../contract/errors.ts";
import {
  count,
  databases,
  failure,
  ledger,
  node,
  notes,
  place,
  type LedgerActor,
  type Place,
} from "./ledger.ts";

for (const kind of databases) {
  describe(`after a commit on ${kind}`, () => {
    let at: Place;
    let one: Awaited<ReturnType<typeof node>>;
    let actor: LedgerActor;

    beforeEach(async () => {
      at = await place(kind, ["ledger"]);
      one = await node(at, [ledger("ledger", { subscribers: () => ["nobody"] })]);
      actor = one.actorOf("ledger");
    });
    afterEach(async () => {
      await one.stop();
      await at.remove();
    });

    it("work is done when its rows can be read, and never what was undone", async () => {
      const seen: string[] = [];
      const rows: Promise<number>[] = [];
      const write = (id: string, refused = false) =>
        actor.store.write(async (tx) => {
          await tx.insert("notes", notes, [{ id, account: "a", amount: 1 }]);
          tx.committed(() => {
            seen.push(id);
            rows.push(count(actor, "notes"));
          });
          if (refused) throw refuse(409, "REFUSED", "no");
        });
      const answers = await Promise.allSettled([write("a"), write("b", true), write("c")]);
      expect(answers.map(({ status }) => status)).to.deep.equal(["fulfilled", "rejected", "fulfilled"]);
      expect(seen).to.deep.equal(["a", "c"]);
      expect(await Promise.all(rows)).to.deep.equal([2, 2]);
      await failure(write("a"));
      expect(seen, "after a commit that failed").to.deep.equal(["a", "c"]);
    });
  });
}
