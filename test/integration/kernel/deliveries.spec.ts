import { expect } from "chai";
import { band, count, databases, listener, node, place, type Ears, type Place } from "./ledger.ts";

for (const kind of databases) {
  describe(`deliveries of events on ${kind}`, () => {
    let at: Place;
    let one: Awaited<ReturnType<typeof node>>;
    let ears: Ears;
    let calls: string[][];
    let refuses: Set<string>;

    beforeEach(async () => {
      at = await place(kind, ["ears", "band"]);
      ears = { refuses: new Set(), heard: [] };
      calls = [];
      refuses = new Set();
      one = await node(at, [listener("ears", ears), band("band", calls, refuses)]);
    });
    afterEach(async () => {
      await one.stop();
      await at.remove();
    });

    it("go to a handler of many together, in order with all others, and one by one when it fails", async () => {
      const events = ["n1", "n2", "c1", "n3"].map((id) => ({
        id,
        type: id.startsWith("n") ? "ledger.noted" : "ledger.closed",
        entity: id,
        version: 1,
        at: "2026-01-01T00:00:00.000Z",
        payload: {},
      }));
      const receive = (of: typeof events) =>
        one.broker.call<{ done: string[]; failed: { id: string }[] }, object>("band.receive", {
          from: "ledger",
          events: of,
        });
      expect((await receive(events)).failed).to.deep.equal([]);
      expect(calls).to.deep.equal([["n1", "n2"], ["c1"], ["n3"]]);
      refuses.add("n5");
      const later = events.map((event, i) => ({ ...event, id: `n${i + 4}`, entity: `n${i + 4}` }));
      const { done, failed } = await receive(later.filter(({ type }) => type === "ledger.noted"));
      expect([done, failed.map(({ id }) => id)]).to.deep.equal([["n4", "n7"], ["n5"]]);
      expect(await count(one.actorOf("band"), "heard")).to.equal(6);
    });

    it("take effect once, however often they come", async () => {
      const event = (n: number) => ({
        id: `e${n}`,
        type: "ledger.noted",
        entity: "a",
        version: n,
        at: "2026-01-01T00:00:00.000Z",
        payload: { id: `n${n}` },
      });
      const receive = (...events: object[]) =>
        one.broker.call<{ done: string[]; failed: object[] }, object>("ears.receive", {
          from: "ledger",
          events,
        });
      const { done, failed: none } = await receive(event(1), event(2), event(1));
      expect([new Set(done), none]).to.deep.equal([new Set(["e1", "e2"]), []]);
      expect(ears.heard).to.deep.equal(["n1", "n2"]);
      const again = await Promise.all([receive(event(1), event(2), event(3)), receive(event(3), event(2))]);
      for (const { failed } of again) expect(failed).to.deep.equal([]);
      expect(ears.heard).to.deep.equal(["n1", "n2", "n3"]);
      expect(await count(one.actorOf("ears"), "heard")).to.equal(3);
    });
  });
}
