import { contracts } from "../../services/contracts.ts";
import { count, rowsOf, type Check, type Sources } from "./check.ts";

/** Order events that are told to others, by their name in the log. */
const published: Record<string, string> = {
  confirmed: "orders.confirmed",
  rejected: "orders.rejected",
  expired: "orders.expired",
  packed: "orders.packed",
  shipped: "orders.shipped",
  delivered: "orders.delivered",
  cancelled: "orders.cancelled",
  returned: "orders.returned",
  refunded: "orders.refunded",
  returnRequested: "orders.returnRequested",
  returnApproved: "orders.returnDecided",
  returnRefused: "orders.returnDecided",
  returnReceived: "orders.returnDecided",
};

const difference = (a: Set<string>, b: Set<string>, say: (key: string) => string): string[] =>
  [...a].filter((key) => !b.has(key)).map(say);

/** Since when an actor's log is whole, as time: older events were delivered and forgotten. */
async function wholeSince(sources: Sources, actor: string): Promise<string> {
  const [row] = await rowsOf<{ before: string }>(
    sources,
    actor,
    "select before from swept where name = 'events'",
  );
  return row ? new Date(parseInt(row.before.replace("-", ""), 16)).toISOString() : "";
}

async function ordersTold(sources: Sources): Promise<string[]> {
  const since = await wholeSince(sources, "orders");
  const changes = await rowsOf<{ order_id: string; version: number; type: string; at: string }>(
    sources,
    "orders",
    "select order_id, version, type, at from order_events",
  );
  const log = await rowsOf<{ entity: string; version: number; type: string }>(
    sources,
    "orders",
    "select entity, version, type from events",
  );
  const eventsOf = (rows: typeof changes) =>
    new Set(
      rows.flatMap((row) =>
        published[row.type] === undefined
          ? []
          : [`${row.order_id} v${row.version} ${published[row.type] ?? ""}`],
      ),
    );
  const wanted = eventsOf(changes.filter(({ at }) => at >= since));
  const there = new Set(log.map((row) => `${row.entity} v${row.version} ${row.type}`));
  return [
    ...difference(wanted, there, (key) => `order ${key}: changed, and no event says so`),
    ...difference(there, eventsOf(changes), (key) => `order ${key}: an event, and no change`),
  ];
}

async function stockTold(sources: Sources): Promise<string[]> {
  const since = await wholeSince(sources, "inventory");
  const holds = await rowsOf<{ order_id: string; state: string; created_at: string }>(
    sources,
    "inventory",
    "select order_id, state, created_at from reservations where lines <> '[]'",
  );
  const log = await rowsOf<{ entity: string; type: string }>(
    sources,
    "inventory",
    "select entity, type from events where type in ('inventory.reserved', 'inventory.released', 'inventory.shipped')",
  );
  const eventsOf = (rows: typeof holds) =>
    new Set(
      rows.flatMap((row) => [
        `${row.order_id} inventory.reserved`,
        ...(row.state === "held" ? [] : [`${row.order_id} inventory.${row.state}`]),
      ]),
    );
  const wanted = eventsOf(holds.filter((row) => row.created_at >= since));
  const there = new Set(log.map((row) => `${row.entity} ${row.type}`));
  return [
    ...difference(wanted, there, (key) => `stock of ${key}: changed, and no event says so`),
    ...difference(there, eventsOf(holds), (key) => `stock of ${key}: an event, and no change`),
  ];
}

const i14: Check = {
  id: "I14",
  title: "every change has its event, and no event is without its change",
  async run(sources) {
    const violations = [...(await ordersTold(sources)), ...(await stockTold(sources))];
    const events = (await count(sources, "orders", "events")) + (await count(sources, "inventory", "events"));
    return { counted: `${events} events of orders and stock`, violations };
  },
};

const subscribersOf = (type: string): string[] =>
  Object.entries(contracts)
    .filter(([, contract]) => contract.receives.includes(type))
    .map(([name]) => name);

interface Pending {
  subscriber: string;
  event_id: string;
  entity: string;
  seq: number;
}

const i15: Check = {
  id: "I15",
  title: "every event reaches every subscriber, and counts once",
  async run(sources) {
    const inboxes = new Map<string, Set<string>>();
    for (const actor of sources.databases.actors)
      inboxes.set(
        actor,
        new Set(
          (await rowsOf<{ event_id: string }>(sources, actor, "select event_id from inbox")).map(
            (row) => row.event_id,
          ),
        ),
      );
    let deliveries = 0;
    const violations: string[] = [];
    for (const actor of sources.databases.actors) {
      const events = await rowsOf<{ id: string; type: string }>(
        sources,
        actor,
        "select id, type from events",
      );
      const pending = new Set(
        (await rowsOf<Pending>(sources, actor, "select subscriber, event_id from outbox")).map(
          (row) => `${row.subscriber} ${row.event_id}`,
        ),
      );
      for (const { id, type } of events)
        for (const subscriber of subscribersOf(type)) {
          if (!inboxes.has(subscriber)) continue;
          deliveries += 1;
          if (!inboxes.get(subscriber)?.has(id) && !pending.has(`${subscriber} ${id}`))
            violations.push(`${type} ${id} never reached ${subscriber}`);
        }
    }
    return { counted: `${deliveries} deliveries`, violations };
  },
};

const i16: Check = {
  id: "I16",
  title: "events of one entity take effect in version order",
  async run(sources) {
    const violations: string[] = [];
    let waiting = 0;
    for (const actor of sources.databases.actors) {
      const pending = await rowsOf<Pending & { version: number }>(
        sources,
        actor,
        "select subscriber, event_id, entity, version, seq from outbox where type <> 'audit.entry'",
      );
      waiting += pending.length;
      for (const row of pending) {
        const later = await rowsOf<{ id: string }>(
          sources,
          actor,
          `select id from events where entity = '${row.entity.replaceAll("'", "''")}' and version > ${row.version}`,
        );
        const taken = new Set(
          (await rowsOf<{ event_id: string }>(sources, row.subscriber, "select event_id from inbox")).map(
            (one) => one.event_id,
          ),
        );
        if (later.some((one) => taken.has(one.id)))
          violations.push(`${row.subscriber} took a later event of ${row.entity} before ${row.event_id}`);
      }
      violations.push(...(await wrongVersions(sources, actor)));
    }
    return { counted: `${waiting} waiting deliveries, the versions of every event`, violations };
  },
};

/** An entity's events were written in the order of their versions. */
const wrongVersions = async (sources: Sources, actor: string): Promise<string[]> =>
  (
    await rowsOf<{ entity: string }>(
      sources,
      actor,
      "select distinct entity from (select entity, version, lag(version) over (partition by entity order by seq) as before from events) as e where before > version",
    )
  ).map((row) => `${actor}: the events of ${row.entity} are not in the order of their versions`);

const i17: Check = {
  id: "I17",
  title: "all queues are empty",
  async run(sources) {
    const violations: string[] = [];
    let waiting = 0;
    for (const actor of sources.databases.actors) {
      const [row] = await rowsOf<{ parked: number; pending: number }>(
        sources,
        actor,
        "select coalesce(sum(case when parked = 1 then 1 else 0 end), 0) as parked, coalesce(sum(case when parked = 0 then 1 else 0 end), 0) as pending from outbox",
      );
      waiting += Number(row?.pending ?? 0);
      if (Number(row?.parked) > 0) violations.push(`${actor}: ${row?.parked ?? 0} parked messages`);
      if (sources.running && Number(row?.pending) > 0)
        violations.push(`${actor}: ${row?.pending ?? 0} messages wait`);
    }
    const sagas = await rowsOf<{ order_id: string; kind: string }>(
      sources,
      "orders",
      "select order_id, kind from sagas where step <> 'waiting'",
    );
    if (sources.running)
      violations.push(...sagas.map((row) => `order ${row.order_id}: ${row.kind} has not ended`));
    const products = sources.databases.undeliveredProducts();
    if (sources.running) violations.push(...products.map((id) => `product ${id} has undelivered events`));
    const state = sources.running ? "" : ", the store is stopped: they go on at its next start";
    return { counted: `${waiting + sagas.length + products.length} waiting${state}`, violations };
  },
};

/** Invariants of what is told between actors. */
export const events = { i14, i15, i16, i17 };
