import { expect } from "chai";
import { refuse } from "../../../contract/errors.ts";
import type { SqlDatabase } from "../../../mixins/sql-session.ts";
import { storeError } from "../../../mixins/store-errors.ts";
import { wipeTables } from "../../../mixins/wipe.ts";
import {
  count,
  databases,
  empty as emptied,
  failure,
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

for (const kind of databases) {
  describe(`events of a line that has nothing left of before, on ${kind}`, () => {
    let at: Place;
    let one: Awaited<ReturnType<typeof node>>;
    let sender: LedgerActor;
    let ears: Ears;
    let clock: ManualClock;

    beforeEach(async () => {
      at = await place(kind, ["ledger", "ears"]);
      clock = new ManualClock();
      ears = { refuses: new Set(), heard: [] };
      const subscribers = () => ["ears"];
      one = await node(at, [ledger("ledger", { subscribers }), listener("ears", ears)], clock);
      sender = one.actorOf("ledger");
      await say("first", "first");
      await empty();
      ears.heard.length = 0;
    });
    afterEach(async () => {
      await one.stop();
      await at.remove();
    });

    const say = (id: string, entity: string) => tell(sender, id, entity);
    const empty = () => emptied(sender);
    const ids = (n: number) => Array.from({ length: n }, (_, i) => `a${i}`);
    /** Keeps the subscriber busy with one event until the answer is called. */
    const busy = async (): Promise<() => void> => {
      const begun = Promise.withResolvers<undefined>();
      const open = Promise.withResolvers<undefined>();
      ears.gate = () => {
        begun.resolve(undefined);
        return open.promise;
      };
      await say("busy", "busy");
      await begun.promise;
      return () => {
        expect(ears.heard).to.deep.equal([]);
        open.resolve(undefined);
      };
    };

    it("arrive in order, also when more wait than are kept in memory", async () => {
      const go = await busy();
      await Promise.all(ids(1200).map((id) => say(id, "a")));
      go();
      await empty();
      expect(ears.heard).to.deep.equal(["busy", ...ids(1200)]);
    });

    it("wait behind one of their entity that fails, those that come later too", async () => {
      ears.refuses.add("bad0");
      await Promise.all([say("bad0", "bad"), say("good0", "good"), say("bad1", "bad")]);
      await until(() => ears.heard.includes("good0"));
      await Promise.all([say("bad2", "bad"), say("good1", "good")]);
      await until(() => ears.heard.includes("good1"));
      expect(ears.heard).to.deep.equal(["good0", "good1"]);
      ears.refuses.clear();
      await until(() => {
        clock.advance(1000);
        return ears.heard.length === 5;
      });
      await say("bad3", "bad");
      await empty();
      expect(ears.heard.slice(2)).to.deep.equal(["bad0", "bad1", "bad2", "bad3"]);
    });

    it("arrive though the subscriber was away when they were to be sent", async () => {
      await one.broker.destroyService("ears");
      let calls = 0;
      const receive = () => {
        calls += 1;
        throw refuse(503, "SERVICE_NOT_AVAILABLE", "Not now.");
      };
      one.broker.createService({ name: "ears", actions: { receive } });
      await Promise.all(ids(60).map((id) => say(id, "a")));
      await until(() => calls > 0);
      await one.broker.destroyService("ears");
      one.broker.createService(listener("ears", ears));
      await until(async () => {
        clock.advance(60_000);
        return (await count(sender, "outbox")) === 0;
      });
      expect(ears.heard).to.deep.equal(ids(60));
    });

    it("arrive though their commit failed when it stood already", async () => {
      const { $database } = sender as unknown as { $database: SqlDatabase };
      const session = await $database.writer();
      const commit = session.commit.bind(session);
      session.commit = async () => {
        session.commit = commit;
        await commit();
        throw storeError("STORE_UNAVAILABLE", new Error("who knows"));
      };
      expect(await failure(say("a0", "a"))).to.include({ type: "STORE_UNAVAILABLE" });
      await say("a1", "a");
      await empty();
      expect(ears.heard).to.deep.equal(["a0", "a1"]);
    });

    it("are not sent after a wipe", async () => {
      const go = await busy();
      await say("gone", "gone");
      await wipeTables(sender, ["notes"]);
      await say("kept", "kept");
      go();
      await empty();
      expect(ears.heard).to.deep.equal(["busy", "kept"]);
    });

    if (kind !== "sqlite") return;
    it("are not read back from the outbox", async () => {
      const { jobs = 0 } = sender.mailbox.stats;
      for (const [n, id] of ids(20).entries()) {
        await say(id, "a");
        await until(() => ears.heard.length > n);
      }
      await empty();
      expect(ears.heard).to.deep.equal(ids(20));
      // Each was written once and removed once; nothing else went through the mailbox.
      expect(sender.mailbox.stats["jobs"]).to.equal(jobs + 40);
    });
  });
}
