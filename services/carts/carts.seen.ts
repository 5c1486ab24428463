import type { Ctx } from "../../contract/implement.ts";
import { isRefusal } from "../../mixins/store-errors.ts";
import type { CartsActor } from "./carts.actor.ts";
import { held, heldCart } from "./carts.holder.ts";
import type { CartState } from "./carts.model.ts";

/** Carts that a node remembers at most, the lines of each, and milliseconds since their last change here. */
export const seenCarts = 2000;
const seenLines = 20;
const seenFor = 60_000;

/** Remembers a cart as this node has just written it. */
export function saw(actor: CartsActor, cart: CartState): CartState {
  if (cart.lines.length <= seenLines) actor.seen.set(cart.id, cart, actor.clock.now() + seenFor);
  else actor.seen.delete(cart.id);
  return cart;
}

/**
 * Works on the cart as this node saw it last, without a read, or on the cart as it is. What is written must be decided on the
 * locked row: another node may have changed the cart, so a refusal is the last word only when the cart is still as it was seen.
 * @throws 404, or what `work` throws of the cart as it is
 */
export async function onCart<R>(
  actor: CartsActor,
  ctx: Ctx,
  id: string,
  work: (cart: CartState) => Promise<R>,
): Promise<R> {
  const seen = actor.seen.get(id, actor.clock.now());
  if (!seen) return work(await heldCart(actor, ctx, id));
  try {
    return await work(held(actor, ctx, seen));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const cart = await heldCart(actor, ctx, id);
    if (cart.version === seen.version) throw error;
    return work(cart);
  }
}
