import type { ServiceBroker } from "moleculer";
import type { Gauge, Registry } from "prom-client";
import { contextOf } from "../../mixins/context.ts";
import type { ActionMap } from "../contracts.ts";

/** Milliseconds that an actor has to answer; one that does not is shown as down. */
const patience = 1000;

type Jobs = ActionMap["orders.jobs"]["returns"];

async function gaugesOf(register: Registry) {
  const { Gauge } = await import("prom-client");
  const gauge = (name: string, help: string, ...labelNames: string[]): Gauge =>
    new Gauge({ name: `valence_${name}`, help, labelNames, registers: [register] });
  return {
    up: gauge("actor_up", "1 when the actor and its database answer", "actor"),
    pending: gauge("outbox_pending", "Durable events that wait for a subscriber", "actor"),
    lag: gauge("outbox_lag_seconds", "Age of the oldest durable event that waits", "actor"),
    parked: gauge("parked_messages", "Durable events that were given up after their last try", "actor"),
    orders: gauge("day_orders", "Orders confirmed on the latest day that has any (UTC)", "currency", "day"),
    revenue: gauge("day_revenue_minor", "Their totals, in minor units", "currency", "day"),
    refunds: gauge("day_refunds_minor", "Refunds and cancellations of that day", "currency", "day"),
    stuck: gauge("orders_stuck", "Sagas, refunds and payments that wait for somebody; at most 100", "kind"),
    indexed: gauge("search_products", "Products in the index of the search node that answered"),
    keys: gauge(
      "api_key_expires_seconds",
      "Time that API keys which end within 30 days are still valid",
      "prefix",
    ),
    age: gauge("search_index_age_seconds", "Time since that index last agreed with the catalogue"),
  };
}

/** The shop's figures, asked of the actors at each scrape: of `<actor>.jobs`, the daily figures and the search index. */
export async function shopFigures(broker: ServiceBroker, register: Registry, actors: readonly string[]) {
  const gauges = await gaugesOf(register);
  const ask = async <N extends keyof ActionMap>(
    action: N,
    params: object,
  ): Promise<ActionMap[N]["returns"] | undefined> => {
    if (!broker.registry.actions.isAvailable(action)) return undefined;
    return broker
      .call<ActionMap[N]["returns"], object>(action, params, { timeout: patience })
      .catch(() => undefined);
  };

  const askActor = async (actor: string): Promise<void> => {
    const jobs: Jobs | undefined = await ask(`${actor}.jobs` as "orders.jobs", {});
    gauges.up.set({ actor }, jobs ? 1 : 0);
    if (!jobs) return;
    gauges.pending.set({ actor }, jobs.pending);
    gauges.lag.set({ actor }, jobs.oldestSeconds);
    gauges.parked.set({ actor }, jobs.parked);
  };
  const askOrders = async (): Promise<void> => {
    const [stats, stuck] = await Promise.all([
      ask("orders.stats", { days: 2 }),
      ask("orders.stuck", { limit: 100 }),
    ]);
    const latest = (stats?.days ?? []).reduce((day, row) => (row.day > day ? row.day : day), "");
    for (const { day, currency, orders, revenue, refunds } of stats?.days ?? []) {
      if (day !== latest) continue;
      gauges.orders.set({ currency, day }, orders);
      gauges.revenue.set({ currency, day }, revenue);
      gauges.refunds.set({ currency, day }, refunds);
    }
    for (const kind of ["saga", "refund", "payment"] as const)
      if (stuck) gauges.stuck.set({ kind }, stuck.data.filter((one) => one.kind === kind).length);
  };
  const askSearch = async (): Promise<void> => {
    const status = await ask("search.status", {});
    gauges.up.set({ actor: "search" }, status?.ready ? 1 : 0);
    if (!status) return;
    gauges.indexed.set(status.products);
    gauges.age.set(status.age / 1000);
  };

  const askKeys = async (): Promise<void> => {
    const now = contextOf(broker).clock.now();
    for (const { prefix, expiresAt } of (await ask("users.expiringApiKeys", { days: 30 }))?.data ?? [])
      gauges.keys.set({ prefix }, (Date.parse(expiresAt) - now) / 1000);
  };

  return {
    async refresh(): Promise<void> {
      for (const gauge of Object.values(gauges)) gauge.reset();
      await Promise.all([...actors.map(askActor), askOrders(), askSearch(), askKeys()]);
    },
  };
}
