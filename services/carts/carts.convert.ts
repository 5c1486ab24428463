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

/**
 * Closes the cart that was ordered. One that was merged into an account's in the moment before its order was written leaves that
 * account's cart instead: what was ordered is not offered a second time.
 */
export async function convertCart(tx: SqlTx, cartId: string, ordered: Ordered, at: string): Promise<void> {
  const closed = await tx.run(sql`
    update carts set status = 'converted', version = version + 1, updated_at = ${at}
    where id = ${cartId} and status = 'open'`);
  if (closed > 0) return;
  const cart = (await lockCarts(tx, [cartId])).get(cartId);
  if (cart?.status !== "merged" || cart.mergedInto === null) return;
  const into: CartState | undefined = (await lockCarts(tx, [cart.mergedInto])).get(cart.mergedInto);
  if (into?.status !== "open") return;
  const lines = without(into.lines, ordered);
  await saveCarts(tx, [{ ...into, lines, version: into.version + 1, updatedAt: at }]);
}
