import type { ServiceBroker } from "moleculer";
import type { Gauge, Registry } from "prom-client";

export interface Topology {
  /** Brings the gauges up to what the registry of this node knows. */
  refresh(): Promise<void>;
}

type Labels = Record<string, string | number | undefined>;

/**
 * moleculer-prometheus's gauges of nodes, services, actions and events, on prom-client 15: its definitions and methods by
 * spread, without its server (polka, on all addresses) and its two event handlers, which nothing of Moleculer 0.15 feeds.
 */
export async function topology(broker: ServiceBroker, register: Registry): Promise<Topology> {
  const [{ default: stock }, client] = await Promise.all([
    import("moleculer-prometheus"),
    import("prom-client"),
  ]);
  const gauges = Object.fromEntries(
    Object.entries(stock.settings.metrics).filter(([, definition]) => definition?.type === "Gauge"),
  );
  const shown = {
    ...stock.methods,
    broker,
    client,
    register,
    metrics: {} as Record<string, Gauge>,
    /** Labels that nobody set are left out: the stock one writes `version="undefined"`. */
    update(name: string, _set: "set", labels: Labels | null, value: number) {
      const set = Object.entries(labels ?? {}).filter(([, label]) => label !== undefined);
      this.metrics[name]?.set(Object.fromEntries(set) as Record<string, string>, value);
    },
  };
  shown.createMetrics(gauges);
  return {
    async refresh() {
      // What has left must not stay at its last figure.
      for (const gauge of Object.values(shown.metrics)) gauge.reset();
      await shown.updateCommonValues();
    },
  };
}
