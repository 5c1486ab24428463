import { deleteOf, updateOf } from "../../mixins/row-change.ts";
import { sql } from "../../mixins/sql.ts";
import type { Outcome, SqlTx } from "../../mixins/sql.types.ts";
import type { EventMap } from "../contracts.ts";
import type { OrdersActor } from "./orders.actor.ts";
import { giveBackCoupons } from "./orders.coupon-uses.ts";
import { sagaFenced } from "./orders.errors.ts";
import { storeAnswers, type Answer, type RequestKey } from "./orders.keys.ts";
import { toEventRow } from "./orders.model.ts";
import { order_events, orders, sagas } from "./orders.tables.ts";
import { lease, type Saga } from "./orders.saga.ts";
import type { Order, OrderEvent } from "./orders.shapes.ts";

export type OrderEventName = Extract<keyof EventMap, `orders.${string}`>;

/** The next state of an order that is being placed: `order` is what it becomes, its version one above the stored one. */
export interface Advance {
  order: Order;
  cartId: string | null;
  event: OrderEvent;
  /** Left out: nobody is told yet (the payment waits for the shopper). */
  publish?: Exclude<OrderEventName, "orders.touched">;
  saga: Saga;
  /** Milliseconds until when the saga waits; left out: it ends here. */
  waitUntil?: number;
  answer?: Pick<RequestKey, "caller" | "key"> & Answer;
}

/** The saga as it was when this process took it. */
const ofEnding = deleteOf("sagas", sagas, { order_id: "order_id", version: "version" });
/** `base`: the version on which the change was decided. */
const ofOrder = updateOf(
  "orders",
  { ...orders, base: "bigint" },
  ["status", "payment", "updated_at", "version"],
  { id: "id", version: "base" },
);

/** Ends (or puts to wait) the sagas of a batch, whose leases must all still stand. */
async function settleSagas(actor: OrdersActor, tx: SqlTx, items: readonly Advance[]): Promise<void> {
  const ending = items
    .filter((item) => item.waitUntil === undefined)
    .map(({ saga }) => ({ order_id: saga.orderId, version: saga.version }));
  const waiting = items
    .filter((item) => item.waitUntil !== undefined)
    .map(({ saga, waitUntil = actor.clock.now() + lease }) => ({
      id: saga.orderId,
      version: saga.version,
      step: saga.step,
      data: JSON.stringify(saga.data),
      until: waitUntil,
    }));
  await tx.change(ofEnding, ending, sagaFenced);
  if (waiting.length > 0)
    await tx.exactly(
      waiting.length,
      sql`update sagas set step = d.step, data = d.data,
          lease_until = case when sagas.step = 'woken' then 0 else d.until end
        from (${tx.rows({ id: "text", version: "bigint", step: "text", data: "text", until: "bigint" }, waiting)}) as d
        where sagas.order_id = d.id and sagas.version = d.version`,
      sagaFenced,
    );
}

function saveOrders(tx: SqlTx, items: readonly Advance[]): Promise<void> {
  const rows = items.map(({ order }) => ({
    id: order.id,
    base: order.version - 1,
    status: order.status,
    payment: JSON.stringify(order.payment),
    updated_at: order.updatedAt,
    version: order.version,
  }));
  return tx.change(ofOrder, rows, sagaFenced);
}

/**
 * Moves the orders of a batch on: one statement per table, fenced by the saga's lease and the order's version. When one has
 * lost its lease, the whole batch is undone and run again one by one.
 */
export async function advanceBatch(
  actor: OrdersActor,
  tx: SqlTx,
  items: readonly Advance[],
): Promise<Outcome<void>[]> {
  await settleSagas(actor, tx, items);
  await saveOrders(tx, items);
  await tx.insert(
    "order_events",
    order_events,
    items.map(({ order, event }) => toEventRow(order.id, event)),
  );
  await storeAnswers(
    tx,
    items.flatMap(({ answer }) => (answer ? [answer] : [])),
  );
  await giveBack(tx, items);
  for (const { order, cartId, event, publish } of items)
    if (publish)
      tx.publish(
        publish,
        { entity: order.id, version: order.version },
        { order: { ...order, events: [event] }, cartId },
      );
  return items.map(() => ({ ok: undefined }));
}

async function giveBack(tx: SqlTx, items: readonly Advance[]): Promise<void> {
  const undone = items.filter(
    ({ order }) => order.couponCode !== null && (order.status === "rejected" || order.status === "expired"),
  );
  if (undone.length > 0)
    await giveBackCoupons(
      tx,
      undone.map(({ order }) => order.id),
    );
}
