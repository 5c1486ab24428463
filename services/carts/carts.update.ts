import type { Handler } from "../../contract/implement.ts";
import type { CartsActor } from "./carts.actor.ts";
import { changeCart } from "./carts.change.ts";
import type contract from "./carts.contract.ts";
import { heldCart } from "./carts.holder.ts";

/** Where it goes and whose it is; a country must be served, which orders knows. */
export const update: Handler<typeof contract, "update", CartsActor> = async function (ctx) {
  const { id, ...patch } = ctx.params;
  const { currency } = await heldCart(this, ctx, id);
  const { country } = patch;
  if (country) await ctx.call("orders.quote", { currency, lines: [], country });
  const edit = () => (Object.keys(patch).length === 0 ? undefined : patch);
  return changeCart(this, ctx, { id, edit });
};
