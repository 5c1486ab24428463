import { unauthenticated } from "../../contract/errors.ts";
import type { Ctx } from "../../contract/implement.ts";
import { deriveSecret, sameSecret } from "../../mixins/secrets.ts";
import { isRefusal } from "../../mixins/store-errors.ts";
import type { CartsActor } from "./carts.actor.ts";
import { cartNotFound } from "./carts.errors.ts";
import { findCart, type CartState } from "./carts.model.ts";

type Meta = Pick<Ctx, "meta">;

/** The signed-in account; an API key is nobody's account. */
export const accountOf = ({ meta }: Meta): string | undefined =>
  meta.caller?.kind === "account" ? meta.caller.id : undefined;

/** @throws 401 */
export function customerOf(ctx: Meta): string {
  const id = accountOf(ctx);
  if (id === undefined) throw unauthenticated();
  return id;
}

export const secretOf = (actor: CartsActor, id: string): string =>
  deriveSecret(actor.config.appSecret, "cart", id);

/** A cart of an account is its customer's alone; any other belongs to whoever has its secret. */
export const mayHold = (actor: CartsActor, ctx: Meta, cart: CartState): boolean =>
  cart.customerId === null
    ? sameSecret(ctx.meta.cartSecret, secretOf(actor, cart.id))
    : cart.customerId === accountOf(ctx);

/** The cart, when it lives and is the caller's. @throws 404, the same for a missing, an expired and somebody else's cart. */
export function held(actor: CartsActor, ctx: Meta, cart: CartState | undefined): CartState {
  if (!cart || cart.expiresAt <= actor.clock.now() || !mayHold(actor, ctx, cart)) throw cartNotFound();
  return cart;
}

export const heldCart = async (actor: CartsActor, ctx: Meta, id: string): Promise<CartState> =>
  held(actor, ctx, await findCart(actor.store.read, id));

/**
 * The cart as it is, for its holder. On an embedded database this node alone writes, and every write is remembered or forgotten,
 * so what is remembered is the row. @throws 404
 */
export async function currentCart(actor: CartsActor, ctx: Ctx, id: string): Promise<CartState> {
  const alone = actor.store.read.dialect === "sqlite";
  const cart = alone ? actor.seen.get(id, actor.clock.now()) : undefined;
  return cart ? held(actor, ctx, cart) : heldCart(actor, ctx, id);
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
