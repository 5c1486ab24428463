import type { Middleware, ServiceBroker } from "moleculer";
import { addMetricsPage } from "../config/metrics-page.ts";
import { contextOf } from "../mixins/context.ts";

const text = "text/plain; charset=utf-8";

/**
 * `/live`, `/ready` and `/startup` on the metrics port, so that a node without a gateway can be probed: ready once the broker and its
 * services have started and what must be filled is full, not ready any more as soon as the node stops.
 */
export function metricsHealth(broker: ServiceBroker): Middleware {
  let started = false;
  let everReady = false;
  const isReady = (): boolean => {
    const ready = started && contextOf(broker).opening.size === 0;
    everReady ||= ready;
    return ready;
  };
  addMetricsPage(broker, "/live", () => Promise.resolve({ type: text, body: "live\n" }));
  addMetricsPage(broker, "/ready", () => {
    const ready = isReady();
    return Promise.resolve({
      status: ready ? 200 : 503,
      type: text,
      body: ready ? "ready\n" : "not ready\n",
    });
  });
  addMetricsPage(broker, "/startup", () =>
    Promise.resolve({
      status: isReady() || everReady ? 200 : 503,
      type: text,
      body: everReady ? "started\n" : "starting\n",
    }),
  );
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
