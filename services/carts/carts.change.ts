import { isType } from "../../contract/errors.ts";
import type { Ctx } from "../../contract/implement.ts";
import type { CartsActor } from "./carts.actor.ts";
import type { Cart } from "./carts.contract.ts";
import { decide, type ChangeItem, type Edit } from "./carts.decide.ts";
import type { Facts } from "./carts.facts.ts";
import { heldCart } from "./carts.holder.ts";
import { lockCarts, saveCarts, type CartState } from "./carts.model.ts";
import { present } from "./carts.view.ts";

/** The cart and its facts as they were a moment ago. */
export interface Known {
  cart: CartState;
  facts: Facts;
}

export class CartMoved extends Error {
  readonly type = "CART_MOVED";
}

/**
 * The answer is stored with the change, so it is made before, of the cart as it will be, and made again when the cart has
 * moved meanwhile.
 */
async function changeOnce(actor: CartsActor, ctx: Ctx, item: ChangeItem, known?: Known): Promise<Cart> {
  for (let before = known?.cart; ; before = undefined) {
    try {
      before ??= await heldCart(actor, ctx, item.id);
      return await writeChange(actor, ctx, item, { before, facts: known?.facts });
    } catch (error) {
      if (isType(error, "CART_MOVED")) continue;
      // What this very key did before may be why: the cart is past it now.
      const stored = await actor.store.answered<Cart>(ctx);
      if (!stored) throw error;
      return stored.answer;
    }
  }
}

/** @throws `CART_MOVED` when the cart is no more as it was */
async function writeChange(
  actor: CartsActor,
  ctx: Ctx,
  item: ChangeItem,
  { before, facts }: { before: CartState; facts: Facts | undefined },
): Promise<Cart> {
  const after = decide(actor, item, before);
  const answer = await present(ctx, after, facts);
  return actor.store.writeOnce(ctx, async (tx) => {
    const locked = (await lockCarts(tx, [item.id])).get(item.id);
    if (locked?.version !== before.version) throw new CartMoved();
    if (after !== before) await saveCarts(actor, tx, [after]);
    return answer;
  });
}

/** Changes a cart for its holder and answers it; `known` is what was looked up for the edit. */
export async function changeCart(
  actor: CartsActor,
  ctx: Ctx,
  change: { id: string; edit: Edit },
  known?: Known,
): Promise<Cart> {
  const item = { ctx, ...change, ...(known && { seen: known.cart }) };
  if (ctx.meta.idempotencyKey !== undefined) return changeOnce(actor, ctx, item, known);
  return present(ctx, await actor.batches.change(item), known?.facts);
}
