import { isType } from "../../contract/errors.ts";
import type { Ctx, Handler } from "../../contract/implement.ts";
import type { SqlTx } from "../../mixins/sql.types.ts";
import type { CartsActor } from "./carts.actor.ts";
import { CartMoved } from "./carts.change.ts";
import { decide } from "./carts.decide.ts";
import type contract from "./carts.contract.ts";
import { isCurrency } from "./carts.create.ts";
import { convertLines } from "./carts.currency.rules.ts";
import { currencyNotOffered } from "./carts.errors.ts";
import { lookUp, type Facts } from "./carts.facts.ts";
import { heldCart } from "./carts.holder.ts";
import type { Notice } from "./carts.merge.rules.ts";
import { lockCarts, saveCarts, type CartState } from "./carts.model.ts";
import { present } from "./carts.view.ts";

interface Converted {
  cart: CartState;
  notices: Notice[];
}

/** @throws `CART_MOVED` when the cart has a line that nobody looked up */
async function convert(
  actor: CartsActor,
  ctx: Ctx,
  tx: SqlTx,
  { id, facts }: { id: string; facts: Facts },
): Promise<Converted> {
  const { currency, asked } = facts;
  const found = (await lockCarts(tx, [id])).get(id);
  if (found?.lines.some(({ sku }) => !asked.has(sku))) throw new CartMoved();
  let notices: Notice[] = [];
  const edit = (cart: CartState) => {
    if (cart.currency === currency) return undefined;
    const converted = convertLines(cart.lines, facts);
    notices = converted.notices;
    return { currency, lines: converted.lines };
  };
  const cart = decide(actor, { ctx, id, edit }, found);
  if (cart !== found) await saveCarts(actor, tx, [cart]);
  return { cart, notices };
}

/** All lines change their currency in one write, so no step can be lost between an emptied cart and a full one. */
export const setCurrency: Handler<typeof contract, "setCurrency", CartsActor> = async function (ctx) {
  const { id, currency } = ctx.params;
  if (!isCurrency(currency)) throw currencyNotOffered();
  for (;;) {
    const { lines } = await heldCart(this, ctx, id);
    const facts = await lookUp(
      ctx,
      currency,
      lines.map(({ sku }) => sku),
    );
    try {
      const { cart, notices } = await this.store.writeOnce(ctx, (tx) =>
        convert(this, ctx, tx, { id, facts }),
      );
      return { cart: await present(ctx, cart, facts), notices };
    } catch (error) {
      if (!isType(error, "CART_MOVED")) throw error;
    }
  }
};
