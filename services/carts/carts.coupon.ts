import type { Handler } from "../../contract/implement.ts";
import type { CartsActor } from "./carts.actor.ts";
import { changeCart } from "./carts.change.ts";
import type contract from "./carts.contract.ts";
import { couponNotApplicable } from "./carts.errors.ts";
import { heldCart } from "./carts.holder.ts";
import { linesNow, questionOf } from "./carts.view.ts";

/** Orders says whether the coupon counts; what counts in the end is the use that the order takes. */
export const applyCoupon: Handler<typeof contract, "applyCoupon", CartsActor> = async function (ctx) {
  const { id, code } = ctx.params;
  const cart = await heldCart(this, ctx, id);
  const question = questionOf({ ...cart, country: null, couponCode: code }, await linesNow(ctx, cart));
  const { coupon } = await ctx.call("orders.quote", question);
  const edit = () => {
    if (!coupon?.applied) throw couponNotApplicable(coupon?.reason ?? "There is no such coupon.");
    return { couponCode: coupon.code };
  };
  return changeCart(this, ctx, { id, edit });
};

export const removeCoupon: Handler<typeof contract, "removeCoupon", CartsActor> = function (ctx) {
  const { id } = ctx.params;
  return changeCart(this, ctx, {
    id,
    edit: ({ couponCode }) => (couponCode === null ? undefined : { couponCode: null }),
  });
};
