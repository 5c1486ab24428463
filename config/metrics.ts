import type { BrokerOptions } from "moleculer";
import type { Config } from "./config.ts";
import { MetricsPage } from "./metrics-page.ts";

/** Moleculer's metrics with the Prometheus page of this node; none of it without `METRICS_PORT`. */
export const metricsOptions = ({ host, metricsPort }: Config): BrokerOptions["metrics"] =>
  metricsPort === undefined
    ? { enabled: false, reporter: [] }
    : {
        enabled: true,
        reporter: [new MetricsPage(host, metricsPort) as never],
        collectProcessMetrics: true,
        collectInterval: 5,
      };
