import type { Ctx } from "../../contract/implement.ts";
import { deriveSecret, sameSecret } from "../../mixins/secrets.ts";
import type { OrdersActor } from "./orders.actor.ts";
import { orderNotFound } from "./orders.errors.ts";
import { loadOrder, type LoadedOrder } from "./orders.model.ts";
import type { Order } from "./orders.shapes.ts";

/** The order's customer, or a guest with the order's secret. */
export function isHolder(actor: OrdersActor, ctx: Ctx, order: Pick<Order, "id" | "customerId">): boolean {
  const { caller, orderSecret } = ctx.meta;
  if (caller?.kind === "account" && order.customerId === caller.id) return true;
  return sameSecret(orderSecret, deriveSecret(actor.config.appSecret, "order", order.id));
}

/** @throws 404, the same for a missing order and for somebody else's. */
export async function heldOrder(actor: OrdersActor, ctx: Ctx, id: string): Promise<LoadedOrder> {
  const loaded = await loadOrder(actor.store.read, id);
  if (!loaded || !isHolder(actor, ctx, loaded.order)) throw orderNotFound();
  return loaded;
}
