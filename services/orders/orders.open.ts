import { sql } from "../../mixins/sql.ts";
import type { Outcome, SqlTx } from "../../mixins/sql.types.ts";
import type { OrdersActor } from "./orders.actor.ts";
import { takeCoupons } from "./orders.coupon-uses.ts";
import { cartClosed } from "./orders.errors.ts";
import { claimKeys, type RequestKey } from "./orders.keys.ts";
import { toEventRow, toLineRows, toRow } from "./orders.model.ts";
import { order_events, order_lines, orders, sagas } from "./orders.tables.ts";
import { sagaRow, type Saga } from "./orders.saga.ts";
import type { Order } from "./orders.shapes.ts";

/** A pending order with everything that its first transaction writes. */
export interface OpenItem {
  order: Order;
  cartId: string | null;
  request: RequestKey;
  saga: Saga;
  /** Who counts for the coupon's limit per customer. */
  customer: string;
}

/** `known`: the key was claimed before; nothing was written. */
export interface Opened {
  known: boolean;
}

const idOf = (request: Pick<RequestKey, "caller" | "key">): string => `${request.caller}\n${request.key}`;

async function knownKeys(tx: SqlTx, items: readonly OpenItem[]): Promise<Set<string>> {
  const asked = items.map(({ request }) => ({ caller: request.caller, key: request.key }));
  const rows = await tx.all<{ caller: string; key: string }>(sql`
    select k.caller, k.key from keys k join (${tx.rows({ caller: "text", key: "text" }, asked)}) as d
    on k.caller = d.caller and k.key = d.key`);
  return new Set(rows.map(idOf));
}

/** Carts that an order which was not undone has taken. */
async function takenCarts(tx: SqlTx, items: readonly OpenItem[]): Promise<Set<string | null>> {
  const asked = items.flatMap(({ cartId }) => (cartId === null ? [] : [{ id: cartId }]));
  if (asked.length === 0) return new Set();
  const rows = await tx.all<{ cart_id: string }>(sql`
    select cart_id from orders where cart_id in (select id from (${tx.rows({ id: "text" }, asked)}) as d)
    and status not in ('rejected', 'expired')`);
  return new Set(rows.map((row) => row.cart_id));
}

/** A key and a cart come once, nearly always; if not, the inserts fail. Who uses a coupon must be told before whether the key is known. */
const isSurelyNew = (tx: SqlTx, items: readonly OpenItem[]): boolean =>
  tx.first && items.every(({ order }) => order.couponCode === null);

/**
 * The first transaction of an order (design, section 4, step 2): the key, the order with its lines, the coupon's use, the saga.
 * One statement per table for all orders of the batch.
 */
export async function openBatch(
  actor: OrdersActor,
  tx: SqlTx,
  items: readonly OpenItem[],
): Promise<Outcome<Opened>[]> {
  const [known, taken] = isSurelyNew(tx, items)
    ? [new Set<string>(), new Set<string | null>()]
    : await Promise.all([knownKeys(tx, items), takenCarts(tx, items)]);
  const coupons = await takeCoupons(actor, tx, items);
  const fresh: OpenItem[] = [];
  const outcomes = items.map((item): Outcome<Opened> => {
    if (known.has(idOf(item.request))) return { ok: { known: true } };
    if (item.cartId !== null && taken.has(item.cartId)) return { error: cartClosed() };
    const refused = coupons.claim(item);
    if (refused) return { error: refused };
    known.add(idOf(item.request));
    if (item.cartId !== null) taken.add(item.cartId);
    fresh.push(item);
    return { ok: { known: false } };
  });
  await claimKeys(
    actor,
    tx,
    fresh.map(({ request, order }) => ({ ...request, orderId: order.id })),
  );
  await tx.insert(
    "orders",
    orders,
    fresh.map(({ order, cartId }) => ({ ...toRow(order, cartId) })),
  );
  await tx.insert(
    "order_lines",
    order_lines,
    fresh.flatMap(({ order }) => toLineRows(order)),
  );
  await tx.insert(
    "order_events",
    order_events,
    fresh.flatMap(({ order }) => order.events.map((event) => toEventRow(order.id, event))),
  );
  await tx.insert(
    "sagas",
    sagas,
    fresh.map(({ saga }) => sagaRow(actor, saga)),
  );
  await coupons.save();
  return outcomes;
}
