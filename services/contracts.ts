import type { ActionsOf, EventsOf } from "../contract/define.ts";
import type { ActorActionsOf } from "../contract/actor-actions.ts";
import audit from "./audit/audit.contract.ts";
import carts from "./carts/carts.contract.ts";
import gateway from "./gateway/gateway.contract.ts";
import inventory from "./inventory/inventory.contract.ts";
import metrics from "./metrics/metrics.contract.ts";
import notifications from "./notifications/notifications.contract.ts";
import orders from "./orders/orders.contract.ts";
import payments from "./payments/payments.contract.ts";
import products from "./products/products.contract.ts";
import search from "./search/search.contract.ts";
import users from "./users/users.contract.ts";
import webhooks from "./webhooks/webhooks.contract.ts";

/** The map of all actors: what the gateway publishes, what the outboxes deliver to, what the types come from. */
export const contracts = {
  gateway,
  users,
  products,
  inventory,
  search,
  carts,
  orders,
  payments,
  notifications,
  webhooks,
  audit,
  metrics,
} as const;
export type Contracts = typeof contracts;

/** Every action of every actor, by its full name. */
export interface ActionMap
  extends
    ActionsOf<typeof audit>,
    ActionsOf<typeof carts>,
    ActionsOf<typeof gateway>,
    ActionsOf<typeof inventory>,
    ActionsOf<typeof metrics>,
    ActionsOf<typeof notifications>,
    ActionsOf<typeof orders>,
    ActionsOf<typeof payments>,
    ActionsOf<typeof products>,
    ActionsOf<typeof search>,
    ActionsOf<typeof users>,
    ActionsOf<typeof webhooks>,
    ActorActionsOf<Exclude<keyof Contracts & string, "gateway" | "search" | "metrics">> {}

/** Every event of every actor, by its full name. */
export interface EventMap
  extends
    EventsOf<typeof audit>,
    EventsOf<typeof carts>,
    EventsOf<typeof inventory>,
    EventsOf<typeof orders>,
    EventsOf<typeof payments>,
    EventsOf<typeof products>,
    EventsOf<typeof search>,
    EventsOf<typeof users>,
    EventsOf<typeof webhooks> {}
