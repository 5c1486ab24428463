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

/** A process for each group of actors, for each actor, or one for all of them; the gateways have their own in any case. */
export type Split = "groups" | "apart" | "together";

export interface Layout {
  gateways?: number;
  /** Nodes of each group of actors. */
  each?: number;
  split?: Split;
  /** Groups of which one node alone may run: their database is embedded. */
  single?: readonly string[];
}

type Unit = readonly [name: string, services: readonly string[]];

/** Which actors share a process; a group leaves out those that there are not. */
function unitsOf(actors: readonly string[], split: Split): readonly Unit[] {
  if (split === "together") return [["worker", actors]];
  const placed = new Set(Object.values(groups).flat());
  const alone = (names: readonly string[]): Unit[] => names.map((name) => [name, [name]]);
  const found = Object.entries(groups).map(([name, services]): Unit => [
    name,
    services.filter((service) => actors.includes(service)),
  ]);
  const strays = alone(actors.filter((name) => !placed.has(name)));
  return [...(split === "apart" ? alone(found.flatMap(([, services]) => services)) : found), ...strays];
}

/**
 * Which nodes a cluster has: the gateways, then the groups of actors one after the other.
 * @param known the services that there are
 */
export function planNodes(known: readonly string[], layout: Layout = {}): NodePlan[] {
  const { gateways = 2, each = 2, split = "groups", single = [] } = layout;
  const actors = known.filter((name) => name !== "gateway");
  const nodes = (group: string, count: number, services: readonly string[]): NodePlan[] =>
    Array.from({ length: count }, (_, n) => ({ id: `${group}.${n + 1}`, group, services }));
  return [
    ...unitsOf(actors, split)
      .filter(([, services]) => services.length > 0)
      .flatMap(([name, services]) =>
        nodes(name, services.some((service) => single.includes(service)) ? 1 : each, services),
      ),
    ...nodes("gateway", gateways, ["gateway"]),
  ];
}
