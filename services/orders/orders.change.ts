import type { Ctx } from "../../contract/implement.ts";
import { sql } from "../../mixins/sql.ts";
import type { SqlTx } from "../../mixins/sql.types.ts";
import type { OrderEventName } from "./orders.advance.ts";
import type { OrdersActor } from "./orders.actor.ts";
import { versionMismatch } from "../../contract/errors.ts";
import { orderNotFound, orderStatusConflict } from "./orders.errors.ts";
import { loadOrder, toEventRow, type LoadedOrder } from "./orders.model.ts";
import { order_events } from "./orders.tables.ts";
import { mayMove } from "./orders.status.ts";
import type { Order, OrderStatus } from "./orders.shapes.ts";

/** The order's row, locked. @throws 404 */
export async function lockOrder(tx: SqlTx, id: string): Promise<LoadedOrder> {
  const loaded = await loadOrder(tx, id, true);
  if (!loaded) throw orderNotFound();
  return loaded;
}

/** @throws 412 when `If-Match` names another version than that of the resource (an order, a return) */
export function assertVersion({ meta }: Pick<Ctx, "meta">, { version }: { version: number }): void {
  if (meta.ifMatch !== undefined && meta.ifMatch !== version) throw versionMismatch();
}

export function assertMove(order: Order, to: OrderStatus): void {
  if (!mayMove(order.status, to)) throw orderStatusConflict(order.status, to);
}

/**
 * The same move took effect before, and its answer was lost: `If-Match` names the version that it was made from, and nothing has
 * happened since.
 */
export function isRepeat({ meta }: Pick<Ctx, "meta">, order: Order, to: OrderStatus): boolean {
  const last = order.events.at(-1);
  return (
    order.status === to &&
    last?.type === to &&
    last.version === order.version &&
    meta.ifMatch === order.version - 1
  );
}

export interface Change {
  type: string;
  data?: object;
  patch?: Partial<Pick<Order, "status" | "payment" | "tracking">>;
  publish?: Exclude<OrderEventName, "orders.touched">;
}

/**
 * Writes one change of a locked order: its row, one order event with the next version, one durable event.
 * @returns the order afterwards, as read again (lines, returns and refunds may have changed in the same transaction).
 */
export async function writeChange(
  actor: OrdersActor,
  tx: SqlTx,
  { order, cartId }: LoadedOrder,
  change: Change,
): Promise<Order> {
  const event = {
    version: order.version + 1,
    type: change.type,
    at: actor.timestamp(),
    data: change.data ?? {},
  };
  const { status = order.status, payment = order.payment, tracking = order.tracking } = change.patch ?? {};
  const changed = await tx.run(sql`
    update orders set status = ${status}, payment = ${JSON.stringify(payment)}, tracking = ${tracking && JSON.stringify(tracking)},
      version = ${event.version}, updated_at = ${event.at}
    where id = ${order.id} and version = ${order.version}`);
  if (changed !== 1) throw versionMismatch();
  await tx.insert("order_events", order_events, [toEventRow(order.id, event)]);
  const after = (await loadOrder(tx, order.id)) as LoadedOrder;
  if (change.publish)
    tx.publish(
      change.publish,
      { entity: order.id, version: event.version },
      { order: { ...after.order, events: [event] }, cartId },
    );
  return after.order;
}

/** What the audit shows of an order: no address, no e-mail. */
export const auditView = (order: Order): object => ({
  number: order.number,
  status: order.status,
  payment: order.payment.status,
  captured: order.payment.captured.amount,
  refunded: order.payment.refunded.amount,
  version: order.version,
});
