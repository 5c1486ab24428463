import type { Handler } from "../../contract/implement.ts";
import type { CartsActor } from "./carts.actor.ts";
import type contract from "./carts.contract.ts";
import { cartClosed, cartEmpty } from "./carts.errors.ts";
import { accountOf, currentCart } from "./carts.holder.ts";

/** What an order is made of; a guest's cart that a signed-in customer orders is that customer's order. */
export const checkout: Handler<typeof contract, "checkout", CartsActor> = async function (ctx) {
  const cart = await currentCart(this, ctx, ctx.params.id);
  if (cart.status !== "open") throw cartClosed();
  if (cart.lines.length === 0) throw cartEmpty();
  return {
    id: cart.id,
    version: cart.version,
    currency: cart.currency,
    lines: cart.lines.map(({ sku, quantity }) => ({ sku, quantity })),
    couponCode: cart.couponCode,
    email: cart.email,
    customerId: cart.customerId ?? accountOf(ctx) ?? null,
  };
};
