import type { Context, Middleware, ServiceBroker } from "moleculer";
import { beforeScrape } from "../config/metrics-page.ts";
import type { Meta } from "../contract/meta.ts";
import type { Order } from "../services/orders/orders.shapes.ts";
import { defineMiddleware, type Wrap } from "./define-middleware.ts";

type Counters = Readonly<Record<string, { description: string; labelNames?: string[]; zero?: true }>>;

const counters = {
  "valence.orders.placed.total": {
    description: "Orders that checkout acknowledged, by the state it left them in",
    labelNames: ["status"],
  },
  "valence.revenue.minor.total": {
    description: "Totals of the orders that checkout confirmed, in minor units",
    labelNames: ["currency"],
  },
  "valence.orders.refused.total": {
    description: "Checkouts that were answered with an error, by its code",
    labelNames: ["code"],
  },
  "valence.payments.declined.total": {
    description: "Checkouts whose payment was declined",
    zero: true,
  },
  "valence.oversell.refused.total": {
    description: "Checkouts that asked for more units than there are",
    zero: true,
  },
  "valence.carts.opened.total": { description: "Carts opened", zero: true },
  "valence.saga.steps.total": {
    description: "Steps of order sagas that other actors worked, by how they ended",
    labelNames: ["step", "outcome"],
  },
} as const satisfies Counters;

/** Actions that are steps of a saga, forward or undoing. */
const steps = new Set([
  "inventory.reserve",
  "inventory.extend",
  "inventory.release",
  "inventory.ship",
  "inventory.restock",
  "payments.authorize",
  "payments.capture",
  "payments.void",
  "payments.refund",
]);
const searches = new Set(["search.products", "search.suggest"]);

/** Seconds. */
const searchBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

type Count = (name: keyof typeof counters, labels?: Record<string, string>, by?: number) => void;
/** Told how a call ended; `error` is undefined for a success. */
type Watch = (count: Count, ctx: Context, answer: unknown, error: { type?: string } | undefined) => void;

const placed: Watch = (count, ctx, answer, error) => {
  // A repeat of an order that was counted when it was placed.
  if ((ctx.meta as Meta).replayed) return;
  if (error) {
    count("valence.orders.refused.total", { code: error.type ?? "ERROR" });
    if (error.type === "PAYMENT_DECLINED") count("valence.payments.declined.total");
    if (error.type === "OUT_OF_STOCK") count("valence.oversell.refused.total");
    return;
  }
  const { status, total } = answer as Order;
  count("valence.orders.placed.total", { status });
  if (status === "confirmed")
    count("valence.revenue.minor.total", { currency: total.currency }, total.amount);
};

const opened: Watch = (count, ctx, _answer, error) => {
  if (!error && !(ctx.meta as Meta).replayed) count("valence.carts.opened.total");
};

const stepOf =
  (step: string): Watch =>
  (count, _ctx, _answer, error) =>
    count("valence.saga.steps.total", { step, outcome: error ? (error.type ?? "ERROR") : "done" });

function watchOf(action: string): Watch | undefined {
  if (action === "orders.place") return placed;
  if (action === "carts.create") return opened;
  return steps.has(action) ? stepOf(action) : undefined;
}

const watching =
  (watch: Watch, count: Count): Wrap =>
  (next) =>
    async function countShop(ctx) {
      try {
        const answer = await next(ctx);
        watch(count, ctx, answer, undefined);
        return answer;
      } catch (error) {
        watch(count, ctx, undefined, error as { type?: string });
        throw error;
      }
    };

interface Counted {
  name: string;
  labels: Record<string, string> | undefined;
  by: number;
}

/** Adds up what was counted until somebody looks: the registry finds a metric by all of its labels each time. */
function counting(broker: ServiceBroker): Count {
  const since = new Map<string, Counted>();
  beforeScrape(broker, () => {
    for (const { name, labels, by } of since.values()) broker.metrics.increment(name, labels, by);
    since.clear();
  });
  return (name, labels, by = 1) => {
    let key: string = name;
    for (const label in labels) key += `\0${labels[label] ?? ""}`;
    const known = since.get(key);
    if (known === undefined) since.set(key, { name, labels, by });
    else known.by += by;
  };
}

/**
 * What the shop does, as metrics: orders, revenue, refusals, carts, saga steps and search times. Actors know nothing of it,
 * and an action that is not counted is not wrapped.
 */
export function shopMetrics(broker: ServiceBroker): Middleware {
  const { metrics } = broker;
  const seconds = "valence.search.seconds";
  const count = counting(broker);
  const timed: Wrap = (next, { name }) =>
    async function timeSearch(ctx) {
      const start = performance.now();
      const answer = await next(ctx);
      metrics.observe(seconds, (performance.now() - start) / 1000, { action: name });
      return answer;
    };
  for (const [name, { labelNames = [], zero = false, ...rest }] of Object.entries<Counters[string]>(
    counters,
  )) {
    metrics.register({ type: "counter", name, labelNames, ...rest });
    if (zero) metrics.increment(name, undefined, 0);
  }
  metrics.register({
    type: "histogram",
    name: seconds,
    labelNames: ["action"],
    buckets: searchBuckets,
    description: "Time of a search",
  });
  return defineMiddleware({
    name: "ShopMetrics",
    localAction(next, action) {
      if (searches.has(action.name)) return timed(next, action);
      const watch = watchOf(action.name);
      return watch ? watching(watch, count)(next, action) : next;
    },
  });
}
