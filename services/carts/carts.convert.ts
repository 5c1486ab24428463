import type { ReceivedEvent } from "../../mixins/sql-store.ts";
import { sql } from "../../mixins/sql.ts";
import type { SqlTx } from "../../mixins/sql.types.ts";
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
  tx: SqlTx,
  events: readonly ReceivedEvent<"orders.confirmed">[],
): Promise<void> {
  const orders = events.flatMap(({ payload: { cartId, order }, at }): Order[] =>
    cartId === null ? [] : [{ cartId, lines: order.lines, at }],
  );
  const closed = new Set(await closeCarts(tx, orders));
  for (const order of orders) if (!closed.has(order.cartId)) await leaveMerged(tx, order);
}

/** Ids of the carts that were open until now. */
async function closeCarts(tx: SqlTx, orders: readonly Order[]): Promise<string[]> {
  // Rows are locked in the order of their ids, as all others do.
  const carts = [...new Map(orders.map(({ cartId: id, at }) => [id, { id, at }])).values()].sort((a, b) =>
    a.id < b.id ? -1 : 1,
  );
  if (carts.length === 0) return [];
  const rows = await tx.all<{ id: string }>(sql`
    update carts set status = 'converted', version = version + 1, updated_at = d.at
    from (${tx.rows({ id: "text", at: "text" }, carts)}) as d where carts.id = d.id and carts.status = 'open'
    returning carts.id as id`);
  return rows.map(({ id }) => id);
}

async function leaveMerged(tx: SqlTx, { cartId, lines: ordered, at }: Order): Promise<void> {
  const cart = (await lockCarts(tx, [cartId])).get(cartId);
  if (cart?.status !== "merged" || cart.mergedInto === null) return;
  const into: CartState | undefined = (await lockCarts(tx, [cart.mergedInto])).get(cart.mergedInto);
  if (into?.status !== "open") return;
  const lines = without(into.lines, ordered);
  await saveCarts(tx, [{ ...into, lines, version: into.version + 1, updatedAt: at }]);
}
