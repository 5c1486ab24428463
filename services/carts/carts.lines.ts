import type { Handler } from "../../contract/implement.ts";
import type { Offer } from "../products/products.contract.ts";
import type { CartsActor } from "./carts.actor.ts";
import { changeCart } from "./carts.change.ts";
import type { Edit } from "./carts.decide.ts";
import type contract from "./carts.contract.ts";
import { lineNotFound, outOfStock, skuNotFound, tooManyLines, tooManyUnits } from "./carts.errors.ts";
import { availableOf, lookUp } from "./carts.facts.ts";
import type { Line } from "./carts.model.ts";
import { onCart } from "./carts.holder.ts";

export const maxLines = 1000;
export const maxUnits = 100_000;

export const toLine = (offer: Offer, quantity: number): Line => ({
  sku: offer.sku,
  productId: offer.productId,
  slug: offer.slug,
  name: offer.name,
  image: offer.image,
  quantity,
  price: offer.price.amount,
});

/** Units of one SKU are one line; the place of the first stays. */
const addUnits =
  (offer: Offer, quantity: number, available: number): Edit =>
  ({ lines }) => {
    const at = lines.findIndex(({ sku }) => sku === offer.sku);
    const wanted = (lines[at]?.quantity ?? 0) + quantity;
    if (wanted > available) throw outOfStock(offer.sku, wanted, available);
    if (wanted > maxUnits) throw tooManyUnits();
    if (at < 0 && lines.length >= maxLines) throw tooManyLines();
    const line = toLine(offer, wanted);
    return { lines: at < 0 ? [...lines, line] : lines.with(at, line) };
  };

export const addLine: Handler<typeof contract, "addLine", CartsActor> = function (ctx) {
  const { id, sku, quantity } = ctx.params;
  return onCart(this, ctx, id, async (cart) => {
    const facts = await lookUp(ctx, cart.currency, [...cart.lines.map((line) => line.sku), sku]);
    const offer = facts.offers.get(sku);
    // Without an offer there is nothing to add, but a repeated key still answers as it did.
    const edit: Edit = (now) => {
      if (!offer || now.currency !== facts.currency) throw skuNotFound();
      return addUnits(offer, quantity, availableOf(facts, sku))(now);
    };
    return changeCart(this, ctx, { id, edit }, { cart, facts });
  });
};

export const setLine: Handler<typeof contract, "setLine", CartsActor> = function (ctx) {
  const { id, sku, quantity } = ctx.params;
  return onCart(this, ctx, id, async (cart) => {
    const facts = await lookUp(
      ctx,
      cart.currency,
      cart.lines.map((line) => line.sku),
    );
    const edit: Edit = ({ lines, currency }) => {
      const at = lines.findIndex((line) => line.sku === sku);
      const line = lines[at];
      if (!line) throw lineNotFound();
      const available = availableOf(facts, sku);
      if (quantity > available) throw outOfStock(sku, quantity, available);
      const offer = currency === facts.currency ? facts.offers.get(sku) : undefined;
      return { lines: lines.with(at, offer ? toLine(offer, quantity) : { ...line, quantity }) };
    };
    return changeCart(this, ctx, { id, edit }, { cart, facts });
  });
};

export const removeLine: Handler<typeof contract, "removeLine", CartsActor> = function (ctx) {
  const { id, sku } = ctx.params;
  const edit: Edit = ({ lines }) => {
    const rest = lines.filter((line) => line.sku !== sku);
    return rest.length === lines.length ? undefined : { lines: rest };
  };
  return changeCart(this, ctx, { id, edit });
};
