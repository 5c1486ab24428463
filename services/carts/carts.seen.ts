import type { SqlTx } from "../../mixins/sql.types.ts";
import type { CartsActor } from "./carts.actor.ts";
import type { CartState } from "./carts.model.ts";

/** Carts that a node remembers at most, the lines of each, and milliseconds since their last change here. */
export const seenCarts = 2000;
const seenLines = 20;
const seenFor = 60_000;

/** Remembers carts as this transaction leaves them, from when it is on disk: in the order of the commits, whoever awaits them. */
export function remember(actor: CartsActor, tx: SqlTx, carts: readonly CartState[]): void {
  if (carts.length === 0) return;
  tx.committed(() => {
    for (const cart of carts) {
      if (cart.lines.length <= seenLines) actor.seen.set(cart.id, cart, actor.clock.now() + seenFor);
      else actor.seen.delete(cart.id);
    }
  });
}

/** Forgets carts that this transaction changes in their rows alone. */
export function forget(actor: CartsActor, tx: SqlTx, ids: readonly string[]): void {
  tx.committed(() => ids.forEach((id) => actor.seen.delete(id)));
}
