import { expect } from "chai";
import { sql } from "../../../mixins/sql.ts";
import type { SqlTx } from "../../../mixins/sql.types.ts";
import {
  count,
  databases,
  empty as emptied,
  ledger,
  listener,
  ManualClock,
  node,
  place,
  say as tell,
  until,
  type Ears,
  type LedgerActor,
  type Place,
} from "./ledger.ts";

type Node = Awaited<ReturnType<typeof node>>;
interface Parked {
  data: { id: string; event: string; subscriber: string; entity: string; attempts: number; error: string }[];
}

for (const kind of databases) {
  describe(`durable events on ${kind}`, () => {
    let at: Place;
    let one: Node;
    let sender: LedgerActor;
    let ears: Ears;
    let clock: ManualClock;
    const subscribers = (event: string) =>
      event === "ledger.noted" ? ["ears"] : event === "audit.entry" ? ["audit"] : [];

    beforeEach(async () => {
      at = await place(kind, ["ledger", "ears"]);
      clock = new ManualClock();
      ears = { refuses: new Set(), heard: [] };
      one = await node(at, [ledger("ledger", { subscribers }), listener("ears", ears)], clock);
      sender = one.actorOf("ledger");
    });
    afterEach(async () => {
      await one.stop();
      await at.remove();
    });

    const sweep = () => (sender as unknown as { $kernel: { sweep(): Promise<void> } }).$kernel.sweep();
    const day = 24 * 3600 * 1000;

    it("forgets what was delivered 30 days ago, and says since when its log is whole", async () => {
      await Promise.all(numbered(1200, "old").map((id) => say(id, id)));
      await empty();
      clock.advance(29 * day);
      await say("young", "young");
      await empty();
      await sweep();
      expect(await count(sender, "events")).to.equal(1201);
      clock.advance(2 * day);
      await sweep();
      const left = await sender.store.read.all<{ id: string; entity: string }>(
        sql`select id, entity from events`,
      );
      expect(left.map(({ entity }) => entity)).to.deep.equal(["young"]);
      const mark = await sender.store.read.get<{ before: string }>(sql`select before from swept`);
      expect(mark?.before && mark.before < (left[0]?.id ?? "")).to.equal(true);
    });

    it("forgets nothing that a subscriber has not taken, however old", async () => {
      ears.refuses.add("waits");
      await say("waits", "waits");
      await untilTried(1);
      clock.advance(40 * day);
      await sweep();
      expect(await count(sender, "events")).to.equal(1);
    });

    const say = (id: string, entity: string) => tell(sender, id, entity);
    const sayAll = (count_: number, entity: string) =>
      Promise.all(Array.from({ length: count_ }, (_, i) => say(`${entity}${i}`, entity)));
    const numbered = (n: number, entity: string) => Array.from({ length: n }, (_, i) => `${entity}${i}`);
    const empty = () => emptied(sender);
    const tries = async (): Promise<number> =>
      (await sender.store.read.get<{ n: number }>(sql`select coalesce(max(attempts), 0) as n from outbox`))
        ?.n ?? 0;
    /** Lets time pass until the first row has been tried `n` times. */
    const untilTried = (n: number) =>
      until(async () => {
        clock.advance(90_000);
        return (await tries()) >= n;
      }, 30_000);

    it("reach their subscriber in order, and leave nothing behind", async () => {
      await sayAll(250, "a");
      await empty();
      expect(ears.heard).to.deep.equal(numbered(250, "a"));
      expect(await count(one.actorOf("ears"), "inbox")).to.equal(250);
      expect(await count(sender, "events")).to.equal(250);
    });

    it("hold back the later ones of an entity that fails, and of no other", async () => {
      ears.refuses.add("bad");
      await Promise.all([say("bad0", "bad"), say("good0", "good"), say("bad1", "bad"), say("good1", "good")]);
      await until(() => ears.heard.length === 2);
      expect(ears.heard).to.deep.equal(["good0", "good1"]);
      await until(async () => (await tries()) >= 2);
      expect(ears.heard).to.deep.equal(["good0", "good1"]);
      expect(await count(one.actorOf("ears"), "heard")).to.equal(2);
      ears.refuses.clear();
      await until(() => {
        clock.advance(1000);
        return ears.heard.length === 4;
      });
      expect(ears.heard.slice(2)).to.deep.equal(["bad0", "bad1"]);
      await empty();
    });

    it("fail alone in one delivery, and hold only the later ones of their entity", async () => {
      const at_ = "2026-01-01T00:00:00.000Z";
      const event = (id: string, entity: string) => ({
        id,
        type: "ledger.noted",
        entity,
        version: 1,
        at: at_,
        payload: { id },
      });
      const events = [
        event("a1", "a"),
        event("b1", "b"),
        event("a2", "a"),
        event("b2", "b"),
        event("a3", "a"),
      ];
      ears.refuses.add("a2");
      const answer = await one.broker.call("ears.receive", { from: "ledger", events });
      expect(answer).to.deep.equal({
        done: ["a1", "b1", "b2"],
        failed: [{ id: "a2", message: "a is not wanted" }],
      });
      expect(await count(one.actorOf("ears"), "heard")).to.equal(3);
      ears.refuses.clear();
      await one.broker.call("ears.receive", { from: "ledger", events });
      // The try of the whole delivery was undone, so what counts is when each was heard last.
      const last = [...new Set(ears.heard.toReversed())].toReversed();
      expect(last).to.deep.equal(["a1", "b1", "b2", "a2", "a3"]);
    });

    it("are parked after the last try, and sent again when asked", async () => {
      ears.refuses.add("bad");
      await say("bad0", "bad");
      await say("bad1", "bad");
      await untilTried(12);
      const { data } = await one.broker.call<Parked, object>("ledger.parked", {});
      expect(data).to.have.length(1);
      expect(data[0]).to.include({ event: "ledger.noted", subscriber: "ears", entity: "bad", attempts: 12 });
      expect(data[0]?.error).to.contain("bad is not wanted");
      expect(ears.heard).to.deep.equal([]);
      expect(await one.broker.call("ledger.jobs", {})).to.include({ pending: 1, parked: 1 });

      ears.refuses.clear();
      expect(await one.broker.call("ledger.resend", { id: "999999" })).to.deep.equal({ resent: false });
      expect(await one.broker.call("ledger.resend", { id: data[0]?.id })).to.deep.equal({ resent: true });
      await empty();
      expect(ears.heard).to.deep.equal(["bad0", "bad1"]);
    }).timeout(40_000);

    it("wait without losing a try while their subscriber is away", async () => {
      await one.broker.destroyService("ears");
      await say("a0", "a");
      await until(async () => {
        clock.advance(60_000);
        const line = await one.broker.call<{ pending: number }, object>("ledger.jobs", {});
        return line.pending === 1;
      });
      expect(await tries()).to.equal(0);
      one.broker.createService(listener("ears", ears));
      await empty();
      expect(ears.heard).to.deep.equal(["a0"]);
    });

    it("bring an audit entry to its actor without showing it in the log of events", async () => {
      const entries: { payload: { by: string; before: unknown } }[] = [];
      one.broker.createService({
        name: "audit",
        actions: {
          receive(ctx: { params: { events: typeof entries } }) {
            entries.push(...ctx.params.events);
            return {
              done: ctx.params.events.map((event) => (event as unknown as { id: string }).id),
              failed: [],
            };
          },
        },
      } as never);
      const work = (tx: SqlTx) => {
        tx.audit({
          action: "ledger.change",
          entity: "note",
          entityId: "1",
          before: { a: 1 },
          meta: { ip: "::1" },
        });
        return Promise.resolve();
      };
      await sender.store.write(work);
      await empty();
      expect(entries).to.have.length(1);
      expect(entries[0]?.payload).to.include({
        by: "guest",
        action: "ledger.change",
        entityId: "1",
        after: null,
      });
      expect(await count(sender, "events")).to.equal(0);
    });

    it("survive a stop and go out at the next start", async () => {
      await one.broker.destroyService("ears");
      await sayAll(5, "a");
      await one.stop();
      one = await node(at, [ledger("ledger", { subscribers }), listener("ears", ears)], clock);
      sender = one.actorOf("ledger");
      await empty();
      expect(ears.heard).to.deep.equal(numbered(5, "a"));
    });
  });
}
