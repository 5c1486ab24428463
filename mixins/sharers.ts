import type { ServiceBroker } from "moleculer";

interface Offer {
  name: string;
  nodeID: string;
}

/** How many nodes offer a service just now, this one included; counted anew only when nodes or services change. */
export function sharersOf(broker: ServiceBroker, service: string): () => number {
  let count = 1;
  const recount = (): void => {
    const offers = broker.registry.getServiceList({ onlyAvailable: true }) as unknown as Offer[];
    const nodes = new Set(offers.filter(({ name }) => name === service).map(({ nodeID }) => nodeID));
    count = nodes.add(broker.nodeID).size;
  };
  for (const event of ["$services.changed", "$node.connected", "$node.updated", "$node.disconnected"])
    broker.localBus.on(event, recount);
  return () => count;
}
