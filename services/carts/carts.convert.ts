import type { ReceivedEvent } from "../../mixins/sql-store.ts";
import { updateOf } from "../../mixins/row-change.ts";
import { lookupOf } from "../../mixins/row-lookup.ts";
import type { SqlActor, SqlTx } from "../../mixins/sql.types.ts";
import type { CartsActor } from "./carts.actor.ts";
import { forget } from "./carts.seen.ts";
import { carts, lockCarts, saveCarts, type CartState, type Line } from "./carts.model.ts";

type Ordered = readonly { sku: string; quantity: number }[];

/** What is left of a cart's lines once these units were ordered. */
function without(lines: readonly Line[], ordered: Ordered): Line[] {
  const units = new Map(ordered.map(({ sku, quantity }) => [sku, quantity]));
  return lines
    .map((line) => ({ ...line, quantity: line.quantity - (units.get(line.sku) ?? 0) }))
    .filter(({ quantity }) => quantity > 0);
}

interface StatusRow {
  id: string;
  status: CartState["status"];
  version: number;
}
const lockedStatus = lookupOf<StatusRow>("carts", "id, status, version", "id", true);
const ofClosed = updateOf("carts", carts, ["status", "version", "updated_at"], { id: "id" });

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
  const rows = await tx.find(
    lockedStatus,
    orders.map(({ cartId }) => cartId),
  );
  const found = new Map(rows.map((row) => [row.id, row]));
  const open = orders.filter(({ cartId }) => found.get(cartId)?.status === "open");
  await closeCarts(actor, tx, open, found);
  for (const order of orders)
    if (found.get(order.cartId)?.status === "merged") await leaveMerged(actor, tx, order);
}

function closeCarts(
  actor: CartsActor,
  tx: SqlTx,
  orders: readonly Order[],
  found: ReadonlyMap<string, StatusRow>,
): Promise<void> {
  const closed = orders.map(({ cartId: id, at }) => ({
    id,
    status: "converted",
    version: (found.get(id)?.version ?? 0) + 1,
    updated_at: at,
  }));
  forget(
    actor,
    tx,
    closed.map(({ id }) => id),
  );
  return tx.change(ofClosed, closed);
}

async function leaveMerged(
  actor: CartsActor,
  tx: SqlTx,
  { cartId, lines: ordered, at }: Order,
): Promise<void> {
  const target = (await lockCarts(tx, [cartId])).get(cartId)?.mergedInto ?? "";
  const into = (await lockCarts(tx, [target])).get(target);
  if (into?.status !== "open") return;
  const lines = without(into.lines, ordered);
  await saveCarts(actor, tx, [{ ...into, lines, version: into.version + 1, updatedAt: at }]);
}
