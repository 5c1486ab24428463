import { isJsonSchema } from "../contract/validator.ts";
import * as shapes from "../contract/shapes.ts";
import * as audit from "./audit/audit.contract.ts";
import * as carts from "./carts/carts.contract.ts";
import * as inventory from "./inventory/inventory.contract.ts";
import * as notifications from "./notifications/notifications.contract.ts";
import * as orders from "./orders/orders.shapes.ts";
import * as payments from "./payments/payments.contract.ts";
import * as products from "./products/products.contract.ts";
import * as search from "./search/search.contract.ts";
import * as users from "./users/users.shapes.ts";
import * as webhooks from "./webhooks/webhooks.contract.ts";

const modules = [
  shapes,
  audit,
  carts,
  inventory,
  notifications,
  orders,
  payments,
  products,
  search,
  users,
  webhooks,
];

/** Every shape that a contract exports, by its name: what stands once in the OpenAPI document. */
export const schemas: Readonly<Record<string, object>> = Object.fromEntries(
  modules
    .flatMap((module) => Object.entries(module as Record<string, unknown>))
    .filter((entry): entry is [string, object] => entry[0] !== "Empty" && isJsonSchema(entry[1])),
);
