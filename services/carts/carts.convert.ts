import type { ReceivedEvent } from "../../mixins/sql-store.ts";
import { sql } from "../../mixins/sql.ts";
import type { SqlActor, SqlTx } from "../../mixins/sql.types.ts";
import type { CartsActor } from "./carts.actor.ts";
import { forget } from "./carts.seen.ts";
import { lockCarts, saveCarts, type CartState, type Line } from "./carts.model.ts";

type Ordered = readonly { sku: string; quantity: number }[];

/** What is left of a cart's lines once these units were ordered. */
function without(lines: readonly Line[], ordered: Ordered): Line[] {
  const units = new Map(ordered.map(({ sku, quantity }) => [sku, quantity]));
  return lines
    .map((line) => ({ ...line, quantity: line.quantity - (units.get(line.sku) ?? 0) }))
    .filter(({ quantity }) => quantity > 0);
}

interface Order {
  cartId: string;
  lines: Ordered;
  at: string;
}

/**
 * Closes the carts that were ordered. One that was merged into an account's in the moment before its order was written leaves
 * that account's cart instead: what was ordered is not offered a second time.
 */
export async function convertCarts(
  this: SqlActor,
  tx: SqlTx,
  events: readonly ReceivedEvent<"orders.confirmed">[],
): Promise<void> {
  const orders = events.flatMap(({ payload: { cartId, order }, at }): Order[] =>
    cartId === null ? [] : [{ cartId, lines: order.lines, at }],
  );
  if (orders.length === 0) return;
  const actor = this as CartsActor;
  const found = await lockCarts(
    tx,
    orders.map(({ cartId }) => cartId),
  );
  const open = orders.filter(({ cartId }) => found.get(cartId)?.status === "open");
  if (open.length > 0) await closeCarts(actor, tx, open);
  for (const order of orders)
    if (!open.includes(order)) await leaveMerged(actor, tx, found.get(order.cartId), order);
}

async function closeCarts(actor: CartsActor, tx: SqlTx, orders: readonly Order[]): Promise<void> {
  const closed = orders.map(({ cartId: id, at }) => ({ id, at }));
  forget(
    actor,
    tx,
    orders.map(({ cartId }) => cartId),
  );
  await tx.tell(sql`
    update carts set status = 'converted', version = version + 1, updated_at = d.at
    from (${tx.rows({ id: "text", at: "text" }, closed)}) as d where carts.id = d.id`);
}

async function leaveMerged(
  actor: CartsActor,
  tx: SqlTx,
  cart: CartState | undefined,
  { lines: ordered, at }: Order,
): Promise<void> {
  if (cart?.status !== "merged" || cart.mergedInto === null) return;
  const into: CartState | undefined = (await lockCarts(tx, [cart.mergedInto])).get(cart.mergedInto);
  if (into?.status !== "open") return;
  const lines = without(into.lines, ordered);
  await saveCarts(actor, tx, [{ ...into, lines, version: into.version + 1, updatedAt: at }]);
}
