import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import type { ServiceBroker } from "moleculer";

/** `npm start` kills after nine seconds. */
const STOP_LIMIT_MS = 8500;

/**
 * SIGTERM and SIGINT: not ready any more, wait for the balancer to notice, finish what runs, stop, exit 0. A second
 * signal exits at once.
 */
export function stopOnSignal(broker: ServiceBroker, drainMs: number): void {
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => {
      console.error("Not stopped in time; the journals settle the rest at the next start.");
      process.exit(1);
    }, STOP_LIMIT_MS + drainMs).unref();
    try {
      if (broker.getLocalService("gateway")) await broker.call("gateway.drain");
      await delay(drainMs);
      await broker.stop();
      process.exit(0);
    } catch (error) {
      console.error((error as Error).message);
      process.exit(1);
    }
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop());
}
