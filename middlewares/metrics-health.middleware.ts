import type { Middleware, ServiceBroker } from "moleculer";
import { addMetricsPage } from "../config/metrics-page.ts";
import { contextOf } from "../mixins/context.ts";

const text = "text/plain; charset=utf-8";

/**
 * `/live` and `/ready` on the metrics port, so that a node without a gateway can be probed: ready once the broker and its
 * services have started and what must be filled is full, not ready any more as soon as the node stops.
 */
export function metricsHealth(broker: ServiceBroker): Middleware {
  let started = false;
  addMetricsPage(broker, "/live", () => Promise.resolve({ type: text, body: "live\n" }));
  addMetricsPage(broker, "/ready", () => {
    const ready = started && contextOf(broker).opening.size === 0;
    return Promise.resolve({
      status: ready ? 200 : 503,
      type: text,
      body: ready ? "ready\n" : "not ready\n",
    });
  });
  return {
    name: "MetricsHealth",
    started() {
      started = true;
    },
    stopping() {
      started = false;
    },
  } as unknown as Middleware;
}
