import { expect } from "chai";
import { refuse } from "../../../contract/errors.ts";
import { sql } from "../../../mixins/sql.ts";
import { databases, failure, ledger, ManualClock, node, place, type Place } from "./ledger.ts";

type Node = Awaited<ReturnType<typeof node>>;

for (const kind of databases) {
  describe(`idempotency keys on ${kind}`, () => {
    let at: Place;
    let one: Node;
    const clock = new ManualClock();

    before(async () => {
      at = await place(kind, ["ledger"]);
      one = await node(at, [ledger("ledger")], clock);
    });
    after(async () => {
      await one.stop();
      await at.remove();
    });

    const once = async (idempotencyKey: string | undefined, amount: number, meta: object = {}) => {
      const sent = { ...(idempotencyKey === undefined ? {} : { idempotencyKey }), ...meta } as Record<
        string,
        unknown
      >;
      const answer = await one.broker.call("ledger.once", { id: "x", account: "a", amount }, { meta: sent });
      return { answer, meta: sent };
    };

    it("answers a repeated key with the stored answer and status", async () => {
      const first = await once("k1", 1);
      const second = await once("k1", 1);
      expect(second.answer).to.deep.equal(first.answer);
      expect(second.meta).to.include({ replayed: true, status: 201 });
      expect(first.meta).not.to.have.property("replayed");
    });

    it("gives concurrent requests with one key one effect", async () => {
      const answers = await Promise.all(Array.from({ length: 8 }, () => once("k2", 2)));
      expect(new Set(answers.map(({ answer }) => JSON.stringify(answer)))).to.have.property("size", 1);
    });

    it("refuses a key that comes with other params", async () => {
      await once("k3", 3);
      const error = await failure(once("k3", 4));
      expect(error).to.include({ code: 422, type: "IDEMPOTENCY_KEY_REUSED" });
    });

    it("keeps the keys of different callers apart", async () => {
      const mine = await once("k4", 1, { cartSecret: "mine" });
      const yours = await once("k4", 2, { cartSecret: "yours" });
      expect(yours.answer).not.to.deep.equal(mine.answer);
    });

    it("stores no refusal", async () => {
      expect(await failure(once("k5", -1))).to.include({ code: 409 });
      expect((await once("k5", 5)).meta).not.to.have.property("replayed");
    });

    it("undoes what a repeated key did once more", async () => {
      const notesOf = () => one.actorOf("ledger").store.read.all(sql`select id from notes`);
      await once("k7", 1);
      const before = await notesOf();
      expect((await once("k7", 1)).meta).to.include({ replayed: true });
      expect(await notesOf()).to.deep.equal(before);
    });

    const insert = (id: string, account: string) =>
      sql`insert into notes (id, account, amount) values (${id}, ${account}, 1)`;

    /** A work that can be done once, and writes before it is refused: by what it reads, or by the table's key. */
    const claim = (idempotencyKey: string, id: string, reads: boolean) => {
      const { store, newId } = one.actorOf("ledger");
      const ctx = { meta: { idempotencyKey }, params: { id }, action: { name: "ledger.claim" } };
      return store.writeOnce(ctx, async (tx) => {
        await tx.run(insert(newId(), `tries of ${id}`));
        if (reads && (await tx.get(sql`select id from notes where id = ${id}`)))
          throw refuse(409, "TAKEN", "Taken.");
        try {
          await tx.run(insert(id, "claims"));
        } catch {
          throw refuse(409, "TAKEN", "Taken.");
        }
        return { id, at: newId() };
      });
    };
    for (const [by, reads] of [
      ["a look", true],
      ["the table", false],
    ] as const) {
      it(`answers what a key did, though doing it again is refused by ${by}`, async () => {
        const first = await claim(`k8 ${by}`, by, reads);
        expect(await claim(`k8 ${by}`, by, reads)).to.deep.equal(first);
        const among = await Promise.all([1, 2, 3, 4].map(() => claim(`k8 ${by}`, by, reads)));
        expect(among).to.deep.equal([first, first, first, first]);
        expect(await failure(claim(`k9 ${by}`, by, reads))).to.include({ code: 409, type: "TAKEN" });
        const tries = sql`select id from notes where account = ${`tries of ${by}`}`;
        expect(await one.actorOf("ledger").store.read.all(tries)).to.have.length(1);
      });
    }

    it("works a call without a key each time", async () => {
      expect((await once(undefined, 1)).answer).not.to.deep.equal((await once(undefined, 1)).answer);
    });

    it("forgets an answer after a day", async () => {
      const first = await once("k6", 1);
      clock.advance(25 * 3600 * 1000);
      const second = await once("k6", 2);
      expect(second.answer).not.to.deep.equal(first.answer);
      clock.advance(25 * 3600 * 1000);
      const actor = one.actorOf("ledger") as unknown as { $kernel: { sweep(): Promise<void> } };
      await actor.$kernel.sweep();
      const rows = await one.actorOf("ledger").store.read.all(sql`select key from idempotency`);
      expect(rows).to.have.length(0);
    });
  });
}
