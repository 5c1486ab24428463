import type { Middleware, Service, ServiceBroker } from "moleculer";
import { databaseSchemes, databaseVariable } from "../config/settings.ts";
import { contextOf } from "../mixins/context.ts";

/** A node that finds its twin this soon after its start is the newcomer, and leaves. */
const NEWCOMER_MS = 10_000;

interface Offer {
  name: string;
  nodeID: string;
}

/**
 * An embedded database belongs to one process. A node is refused when it would offer an actor on its own embedded
 * database while another node offers that actor too: each would keep half of the orders.
 */
export function embeddedOnce(broker: ServiceBroker): Middleware {
  const { config } = contextOf(broker);
  const isEmbedded = (name: string) => Object.hasOwn(databaseSchemes, name) && !config.databaseUrls[name];
  const twinOf = (names: readonly string[]): Offer | undefined =>
    (broker.registry.getServiceList({ onlyAvailable: true }) as unknown as Offer[]).find(
      ({ name, nodeID }) => nodeID !== broker.nodeID && names.includes(name),
    );
  const refusal = ({ name, nodeID }: Offer) =>
    `${databaseVariable(name)} must be set: ${name} also runs on node ${nodeID}, and its database here is embedded.`;

  if (config.transporter === undefined) return { name: "EmbeddedOnce" };
  return {
    name: "EmbeddedOnce",
    serviceStarting(service: Service) {
      const twin = isEmbedded(service.name) ? twinOf([service.name]) : undefined;
      return twin ? Promise.reject(new Error(refusal(twin))) : Promise.resolve();
    },
    started() {
      const own = broker.services.map(({ name }) => name).filter(isEmbedded);
      const until = performance.now() + NEWCOMER_MS;
      broker.localBus.on("$services.changed", () => {
        const twin = performance.now() < until ? twinOf(own) : undefined;
        if (twin) broker.fatal(refusal(twin), undefined, true);
      });
      return Promise.resolve();
    },
  };
}
