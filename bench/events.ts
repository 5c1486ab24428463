/** `npm run bench -- events`: 10,000 events to receivers that fail, with their lag; exit code 1 when one ends with a wrong set or order. */
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import type { Delivery } from "../contract/actor-actions.ts";
import { percentile } from "../scripts/lib/percentile.ts";
import {
  admin,
  anEvent,
  feed,
  newId,
  receiver,
  startWebhooks,
} from "../test/integration/webhooks/receiver.ts";
import { pick, seeded } from "./random.ts";
import { ms, perSecond, printRow } from "./results.ts";

const EVENTS = 10_000;
const ENTITIES = 500;
const RECEIVERS = 3;
const BATCH = 20;
/** Milliseconds between batches: 200 events a second. */
const EVERY = 100;
const FAILS = 0.05;
/** The answer is lost, so that the event comes once more. */
const LOSES = 0.03;
/** So often one event meets trouble at most: the pause after a fifth try is two minutes, and one run in ten would meet it. */
const TROUBLES = 4;
const LIMIT_MS = 120_000;

const random = seeded(1);

/** Takes what it is sent, or fails; remembers each event once, with its lag in milliseconds. */
async function listen(sentAt: ReadonlyMap<string, number>) {
  const hook = await receiver();
  const lags = new Map<string, number>();
  const versions = new Map<string, number[]>();
  const troubles = new Map<string, number>();
  /** Whether this try meets a trouble of that likelihood. */
  const meets = (id: string, likelihood: number): boolean => {
    const had = troubles.get(id) ?? 0;
    const now = had < TROUBLES && random() < likelihood;
    if (now) troubles.set(id, had + 1);
    return now;
  };
  let [requests, failed, doubled] = [0, 0, 0];
  hook.answer = ({ event: { id, entity, version } }, res) => {
    hook.got.length = 0;
    requests += 1;
    if (meets(id, FAILS)) {
      failed += 1;
      return void res.writeHead(500).end();
    }
    if (lags.has(id)) doubled += 1;
    else {
      lags.set(id, performance.now() - (sentAt.get(id) ?? NaN));
      versions.set(entity, [...(versions.get(entity) ?? []), version]);
    }
    if (meets(id, LOSES)) return void res.destroy();
    res.writeHead(204).end();
  };
  return { hook, lags, versions, counts: () => ({ requests, failed, doubled }) };
}

/** Events of many entities, in order for each of them; the source itself sends every fifth batch twice. */
async function send(store: Awaited<ReturnType<typeof startWebhooks>>, sentAt: Map<string, number>) {
  const entities = Array.from({ length: ENTITIES }, (_, n) => `E-${n}`);
  const versions = new Map<string, number>();
  const started = performance.now();
  for (let i = 0; i < EVENTS; i += BATCH) {
    const events = Array.from({ length: BATCH }, (): Delivery => {
      const entity = pick(random, entities);
      const version = (versions.get(entity) ?? 0) + 1;
      versions.set(entity, version);
      return anEvent({ id: newId(), entity, version, at: new Date().toISOString() });
    });
    for (const { id } of events) sentAt.set(id, performance.now());
    await feed(store, events);
    if (i % (5 * BATCH) === 0) await feed(store, events);
    if (i % 1000 === 0) console.error(`  ${i} of ${EVENTS} events sent`);
    await delay(Math.max(0, started + ((i + BATCH) / BATCH) * EVERY - performance.now()));
  }
  return versions;
}

const isInOrder = (list: readonly number[] | undefined, last: number): boolean =>
  list?.length === last && list.every((version, i) => version === i + 1);

async function main(): Promise<number> {
  const sentAt = new Map<string, number>();
  const store = await startWebhooks();
  const receivers = [];
  for (let i = 0; i < RECEIVERS; i++) receivers.push(await listen(sentAt));
  for (const { hook } of receivers)
    await store.call("webhooks.createEndpoint", { url: hook.url }, { meta: admin });
  const started = performance.now();
  const versions = await send(store, sentAt);
  while (receivers.some(({ lags }) => lags.size < EVENTS) && performance.now() - started < LIMIT_MS)
    await delay(50);
  let wrong = 0;
  console.log(`Events: ${EVENTS} of ${ENTITIES} entities to ${RECEIVERS} receivers`);
  receivers.forEach(({ lags, versions: got, counts }, i) => {
    const { requests, failed, doubled } = counts();
    const bad = [...versions].filter(([entity, last]) => !isInOrder(got.get(entity), last)).length;
    if (lags.size !== EVENTS || bad > 0) wrong += 1;
    const sorted = [...lags.values()].sort((a, b) => a - b);
    printRow({
      what: `receiver ${i + 1}`,
      figures: {
        "events received": perSecond(lags.size),
        "entities out of order": String(bad),
        requests: perSecond(requests),
        "failed %": ((failed / requests) * 100).toFixed(1),
        "doubled and left out": perSecond(doubled),
        "lag p50 ms": ms(percentile(sorted, 0.5)),
        "p99 ms": ms(percentile(sorted, 0.99)),
        "most ms": ms(sorted.at(-1) ?? 0),
      },
    });
  });
  await store.stop();
  await Promise.all(receivers.map(({ hook }) => hook.close()));
  return wrong === 0 ? 0 : 1;
}

process.exit(await main());
