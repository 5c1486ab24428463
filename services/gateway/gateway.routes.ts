import type { Contract, Method, PublishedAction } from "../../contract/define.ts";

/** Where the routes of the contracts live. */
export const apiRoot = "/api/v1";

/** One action that the gateway publishes. */
export interface Published {
  /** `orders.place`. */
  readonly name: string;
  readonly method: Method;
  /** Below `apiRoot`, parameters as `:name`. */
  readonly path: string;
  /** Names of the path's parameters, from left to right. */
  readonly keys: readonly string[];
  readonly action: PublishedAction;
}

/**
 * Every action that has a route, from the contracts alone: nothing that a node brings into the registry is published.
 * @throws when a route has no `auth`, or two actions claim the same route.
 */
export function publishedActions(contracts: Readonly<Record<string, Contract>>): Published[] {
  const taken = new Map<string, string>();
  const list: Published[] = [];
  for (const contract of Object.values(contracts))
    for (const [key, action] of Object.entries(contract.actions)) {
      if (action.rest === undefined) continue;
      const route = toRoute(`${contract.name}.${key}`, action);
      const shape = `${route.method} ${route.path.replace(/:[^/]+/g, ":")}`;
      const other = taken.get(shape);
      if (other !== undefined)
        throw new Error(`${route.name} and ${other} both claim the route ${action.rest}`);
      taken.set(shape, route.name);
      list.push(route);
    }
  return list;
}

function toRoute(name: string, action: PublishedAction): Published {
  if ((action.auth as unknown) === undefined)
    throw new Error(
      `${name} has the route ${action.rest} but its contract does not say who may call it (auth)`,
    );
  const space = action.rest.indexOf(" ");
  const path = action.rest.slice(space + 1);
  const keys = path
    .split("/")
    .filter((part) => part.startsWith(":"))
    .map((part) => part.slice(1));
  return { name, method: action.rest.slice(0, space) as Method, path, keys, action };
}
