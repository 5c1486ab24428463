import { expect } from "chai";
import type { Delivery } from "../../contract/actor-actions.ts";
import { eventually } from "../helpers/eventually.ts";
import type { TestStore } from "../helpers/store.ts";
import {
  admin,
  anEvent,
  feed,
  newId,
  receiver,
  startWebhooks,
  type Receiver,
} from "../integration/webhooks/receiver.ts";
import { needsServers } from "./cluster-store.ts";
import { startPairServers, type PairServers } from "./pair.ts";

const EVENTS = 400;
const ENTITIES = 50;
/** Longer than the lease of a delivery. */
const LEASE_OVER_MS = 120_000;

describe("webhooks of two nodes on one PostgreSQL", function () {
  this.timeout(90_000);
  let servers: PairServers;
  let pair: TestStore[] = [];
  let hook: Receiver;

  before(async function () {
    needsServers(this);
    servers = await startPairServers();
  });
  let names = 0;
  beforeEach(async () => {
    const shared = await servers.environmentFor(["webhooks"], `hooks${++names}`);
    const node = (NODEID: string) =>
      startWebhooks({ env: { ...shared, NODEID, WEBHOOK_ALLOW_PRIVATE: "on" } });
    pair = [await node("hooks.1"), await node("hooks.2")];
    hook = await receiver();
    await one().call("webhooks.createEndpoint", { url: hook.url }, { meta: admin });
  });
  afterEach(async () => {
    await Promise.all(pair.map((store) => store.stop()));
    await hook.close();
  });
  after(() => servers?.stop());

  const one = (): TestStore => pair[0] as TestStore;
  const two = (): TestStore => pair[1] as TestStore;

  it("bring each event once, in order per entity", async () => {
    const versions = new Map<string, number>();
    for (let i = 0; i < EVENTS; i += 20) {
      const events = Array.from({ length: 20 }, (_, k): Delivery => {
        const entity = `E-${(i * 7 + k * 3) % ENTITIES}`;
        const version = (versions.get(entity) ?? 0) + 1;
        versions.set(entity, version);
        return anEvent({ id: newId(), entity, version });
      });
      await feed(i % 40 === 0 ? one() : two(), events);
    }
    await eventually(() => hook.got.length >= EVENTS, 60_000);
    expect(new Set(hook.got.map(({ event }) => event.id)).size).to.equal(EVENTS);
    expect(hook.got).to.have.length(EVENTS);
    for (const [entity, last] of versions) {
      const seen = hook.got.filter(({ event }) => event.entity === entity).map(({ event }) => event.version);
      expect(seen, entity).to.deep.equal(Array.from({ length: last }, (_, n) => n + 1));
    }
  });

  it("go on at the other node when one of them dies in the middle of a delivery", async () => {
    hook.answer = () => undefined;
    const event = anEvent();
    await feed(one(), [event]);
    await eventually(() => hook.got.length === 1);
    // Whichever node sent it hears no answer and says no more: its lease is all that is left of it.
    hook.answer = (_, res) => res.writeHead(204).end();
    for (const { clock } of pair) clock.advance(LEASE_OVER_MS);
    await feed(two(), [anEvent({ entity: "MUG-2" })]);
    await eventually(() => hook.got.filter(({ event: { id } }) => id === event.id).length === 2, 20_000);
    const { data } = await two().call("webhooks.endpoints", {}, { meta: admin });
    const log = await eventually(async () => {
      const { data: rows } = await two().call("webhooks.deliveries", { id: data[0]?.id ?? "" });
      return rows.every(({ status }) => status === "delivered") ? rows : undefined;
    });
    expect(log).to.have.length(2);
  });
});
