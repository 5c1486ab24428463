import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Middleware, ServiceBroker } from "moleculer";

const shownEvery = 5000;
const nanoseconds = 1e9;

/** How long this process lets its callers wait before it looks at them: the delay of the event loop over the last 5 s. */
export function loopMetrics(broker: ServiceBroker): Middleware {
  const { metrics } = broker;
  const name = "valence.event.loop.lag.seconds";
  metrics.register({
    type: "gauge",
    name,
    labelNames: ["quantile"],
    description: "Delay of the event loop in the last 5 s",
  });
  const delays = monitorEventLoopDelay({ resolution: 20 });
  const show = () => {
    // An empty histogram answers NaN or its floor.
    const at = (percent: number) => Math.max(0, delays.percentile(percent) || 0) / nanoseconds;
    metrics.set(name, at(50), { quantile: "0.5" });
    metrics.set(name, at(99), { quantile: "0.99" });
    metrics.set(name, Math.max(0, delays.max || 0) / nanoseconds, { quantile: "1" });
    delays.reset();
  };
  let timer: NodeJS.Timeout | undefined;
  return {
    name: "LoopMetrics",
    starting() {
      delays.enable();
      show();
      timer = setInterval(show, shownEvery).unref();
    },
    stopped() {
      clearInterval(timer);
      delays.disable();
    },
  } as unknown as Middleware;
}
