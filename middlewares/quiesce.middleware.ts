import { setTimeout as delay } from "node:timers/promises";
import type { Middleware, Service, ServiceBroker } from "moleculer";

/** Milliseconds that running work gets; what takes longer is settled by journals and leases. */
const MOST = 5000;
const LOOK_EVERY = 20;

/** What quiescing uses of Moleculer's inside: `ContextTracker` keeps the running calls and events of each service. */
type Tracked = Service & { _trackedContexts?: readonly unknown[]; quiesce?: () => Promise<void> };

const isQuiet = (services: readonly Tracked[]): boolean =>
  services.every(({ _trackedContexts: running }) => (running?.length ?? 0) === 0);

/**
 * A node that stops finishes what it works at before any of its actors closes its store: an order that runs still needs the
 * stock, the cart and the payment beside it. Services with a method `quiesce` (the gateway) take nothing new first.
 * Moleculer has told the other nodes by then, and stops all services at once afterwards.
 */
export const quiesce = (): Middleware => ({
  name: "Quiesce",
  async stopping(broker: ServiceBroker) {
    const services = broker.services as Tracked[];
    const until = performance.now() + MOST;
    await Promise.race([
      Promise.all(services.map(async (service) => service.quiesce?.())),
      delay(MOST, undefined, { ref: false }),
    ]);
    // Twice in a row: between two calls of one order nothing may run for a moment.
    for (let quiet = 0; quiet < 2 && performance.now() < until;) {
      quiet = isQuiet(services) ? quiet + 1 : 0;
      await delay(LOOK_EVERY);
    }
  },
});
