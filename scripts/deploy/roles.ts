import { contracts } from "../../services/contracts.ts";

/** What a node of a role runs, and which roles it calls. */
export interface Role {
  readonly services: readonly string[];
  readonly calls: readonly string[];
}
export type Roles = Readonly<Record<string, Role>>;

const actors = Object.keys(contracts);
const others = actors.filter((name) => name !== "gateway");

/** Whom an actor's own code asks; who gets its events is in the contracts. */
const asks: Readonly<Record<string, readonly string[]>> = {
  gateway: others,
  metrics: others,
  carts: ["inventory", "orders", "products"],
  inventory: ["orders"],
  orders: ["carts", "inventory", "payments", "products"],
  products: ["inventory", "orders", "users"],
  search: ["inventory", "products"],
  users: ["products"],
};

/** Actors to which an actor's outbox delivers: those that receive one of its events, and the audit. */
const subscribersOf = (actor: string): string[] =>
  Object.values(contracts)
    .filter(({ receives }) =>
      receives.some((event) => event.startsWith(`${actor}.`) || event.startsWith("audit.")),
    )
    .map(({ name }) => name);

/** A role for each actor: what Kubernetes runs. */
export const actorRoles: Roles = Object.fromEntries(
  actors.map((name) => [
    name,
    { services: [name], calls: [...new Set([name, ...(asks[name] ?? []), ...subscribersOf(name)])].sort() },
  ]),
);

/** Actors that are used together share a node: what the compose file runs on one machine. */
export const groupRoles: Roles = {
  gateway: { services: ["gateway"], calls: ["catalogue", "checkout", "people"] },
  catalogue: { services: ["products", "search"], calls: ["catalogue", "checkout", "people"] },
  checkout: {
    services: ["inventory", "carts", "orders", "payments"],
    calls: ["catalogue", "checkout", "people"],
  },
  people: {
    services: ["users", "notifications", "webhooks", "audit", "metrics"],
    calls: ["catalogue", "checkout", "people"],
  },
};
