/** One node of the cluster: its name, and what it runs. */
export interface NodePlan {
  /** `<group>.<number>`: request subjects can be granted by the group. */
  readonly id: string;
  readonly group: string;
  readonly services: readonly string[];
}

/** Actors that are used together share a node, so that most inner calls stay in the process. */
const groups: Readonly<Record<string, readonly string[]>> = {
  catalogue: ["products", "search"],
  checkout: ["inventory", "carts", "orders", "payments"],
  people: ["users", "notifications", "webhooks", "audit", "metrics"],
};

export interface Layout {
  gateways?: number;
  /** Nodes of each group of actors. */
  each?: number;
  /** A process for each actor. */
  apart?: boolean;
  /** All actors in one process beside the gateway's. */
  together?: boolean;
  /** Groups of which one node alone may run: their database is embedded. */
  single?: readonly string[];
}

/**
 * Which nodes a cluster has: the gateways, then the groups of actors one after the other.
 * @param known the services that there are; a group leaves out the others
 */
export function planNodes(known: readonly string[], layout: Layout = {}): NodePlan[] {
  const { gateways = 2, each = 2, apart = false, together = false, single = [] } = layout;
  const wanted = together ? { worker: known.filter((name) => name !== "gateway") } : groups;
  const placed = new Set(Object.values(wanted).flat());
  const strays = known.filter((name) => name !== "gateway" && !placed.has(name));
  const found = Object.entries(wanted).map(
    ([name, services]) => [name, services.filter((service) => known.includes(service))] as const,
  );
  const all = [...found, ...strays.map((name) => [name, [name]] as const)];
  const units = apart ? all.flatMap(([, services]) => services.map((name) => [name, [name]] as const)) : all;
  const nodes = (group: string, count: number, services: readonly string[]): NodePlan[] =>
    Array.from({ length: count }, (_, n) => ({ id: `${group}.${n + 1}`, group, services }));
  return [
    ...units
      .filter(([, services]) => services.length > 0)
      .flatMap(([name, services]) =>
        nodes(name, services.some((service) => single.includes(service)) ? 1 : each, services),
      ),
    ...nodes("gateway", gateways, ["gateway"]),
  ];
}
