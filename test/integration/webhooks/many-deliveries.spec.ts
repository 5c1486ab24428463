import { expect } from "chai";
import type { Delivery } from "../../../contract/actor-actions.ts";
import { eventually } from "../../helpers/eventually.ts";
import type { TestStore } from "../../helpers/store.ts";
import { admin, anEvent, feed, newId, receiver, startWebhooks, type Got, type Receiver } from "./receiver.ts";

const total = 2000;

interface Seen {
  hook: Receiver;
  events: Map<string, Got>;
  /** Versions by entity, in the order in which they came first. */
  versions: Map<string, number[]>;
}

/** A receiver that fails at every 20th request, and at every 33rd after it has taken the event. */
async function unsteady(): Promise<Seen> {
  const hook = await receiver();
  const seen: Seen = { hook, events: new Map(), versions: new Map() };
  const failures = new Map<string, number>();
  let n = 0;
  hook.answer = (got, res) => {
    n += 1;
    const { id, entity, version } = got.event;
    // Who failed three times waits half a minute, as it should, and so does all that comes behind it.
    const before = failures.get(id) ?? 0;
    const refuses = before < 2 && n % 20 === 0;
    const isLost = before < 2 && n % 33 === 0;
    if (refuses || isLost) failures.set(id, before + 1);
    if (refuses) return void res.writeHead(500).end();
    if (!seen.events.has(id)) {
      seen.events.set(id, got);
      seen.versions.set(entity, [...(seen.versions.get(entity) ?? []), version]);
    }
    // An answer that is lost makes the event come twice.
    if (isLost) return void res.destroy();
    res.writeHead(200).end();
  };
  return seen;
}

describe("webhooks: many deliveries", function () {
  this.timeout(60_000);
  let store: TestStore;
  let receivers: Seen[];
  before(async () => {
    store = await startWebhooks();
    receivers = [await unsteady(), await unsteady()];
    for (const { hook } of receivers)
      await store.call("webhooks.createEndpoint", { url: hook.url }, { meta: admin });
  });
  after(async () => {
    await store.stop();
    await Promise.all(receivers.map(({ hook }) => hook.close()));
  });

  /** Feeds the events by twenties, every fifth twenty twice; answers how many versions each entity has. */
  async function feedAll(): Promise<Map<string, number>> {
    const versions = new Map<string, number>();
    for (let i = 0; i < total; i += 20) {
      const at = new Date().toISOString();
      const events = Array.from({ length: 20 }, (_, k): Delivery => {
        const entity = `E-${(i * 7 + k * 13) % 150}`;
        versions.set(entity, (versions.get(entity) ?? 0) + 1);
        return anEvent({ id: newId(), entity, version: versions.get(entity) as number, at });
      });
      await feed(store, events);
      if (i % 100 === 0) await feed(store, events);
      await new Promise((done) => setTimeout(done, 20));
    }
    return versions;
  }

  it("brings 2,000 events of which 5 % fail to every receiver: the right set, in order per entity", async () => {
    const versions = await feedAll();
    await eventually(() => receivers.every(({ events }) => events.size === total), 30_000);
    for (const seen of receivers)
      for (const [entity, list] of seen.versions)
        expect(list, entity).to.deep.equal(
          Array.from({ length: versions.get(entity) ?? 0 }, (_, i) => i + 1),
        );
  });
});
