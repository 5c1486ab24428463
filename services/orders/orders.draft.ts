import { refuse } from "../../contract/errors.ts";
import type { Ctx } from "../../contract/implement.ts";
import type { Money } from "../../contract/shapes.ts";
import { resolveOffers } from "../../mixins/offer-copies.ts";
import type { ActionMap } from "../contracts.ts";
import type { Offer } from "../products/products.contract.ts";
import type { OrdersActor } from "./orders.actor.ts";
import * as errors from "./orders.errors.ts";
import { takeNumber } from "./orders.numbers.ts";
import { lookAtCoupon, shippingPrice } from "./orders.quote.ts";
import { ratesOf } from "./orders.rates.ts";
import type { Order, OrderLine } from "./orders.shapes.ts";
import { lineTotal, totalsOf, type Totals } from "./orders.totals.ts";

export type PlaceParams = ActionMap["orders.place"]["params"];

export interface Draft {
  order: Order;
  cartId: string | null;
  /** Account, or the guest's address: who counts for a coupon's limit per customer. */
  customer: string;
}

interface Source {
  lines: readonly { sku: string; quantity: number }[];
  currency: string;
  couponCode: string | null;
  customerId: string | null;
}

const maxUnits = 100_000;

/** Lines of one SKU are one line; the first place counts. @throws 422 above 100,000 units. */
function summed(lines: Source["lines"]): { sku: string; quantity: number }[] {
  const units = new Map<string, number>();
  for (const { sku, quantity } of lines) units.set(sku, (units.get(sku) ?? 0) + quantity);
  return [...units].map(([sku, quantity]) => {
    if (quantity > maxUnits) throw errors.tooManyUnits(sku);
    return { sku, quantity };
  });
}

const accountOf = (ctx: Ctx): string | null =>
  ctx.meta.caller?.kind === "account" ? ctx.meta.caller.id : null;

async function sourceOf(ctx: Ctx<PlaceParams>): Promise<Source> {
  const { cartId, cartVersion, lines, currency, couponCode = null } = ctx.params;
  if ((cartId === undefined) === (lines === undefined)) throw errors.sourceRequired();
  if (lines !== undefined) {
    if (currency === undefined) throw errors.currencyRequired();
    return { lines: summed(lines), currency, couponCode, customerId: accountOf(ctx) };
  }
  const cart = await ctx.call("carts.checkout", { id: cartId as string });
  if (cartVersion !== undefined && cartVersion !== cart.version) throw errors.cartChanged();
  if (cart.lines.length === 0) throw errors.cartEmpty();
  return {
    lines: cart.lines,
    currency: cart.currency,
    couponCode: couponCode ?? cart.couponCode,
    customerId: cart.customerId,
  };
}

async function offersOf(ctx: Ctx<PlaceParams>, source: Source): Promise<Map<string, Offer>> {
  const skus = source.lines.map((line) => line.sku);
  const offers = await resolveOffers(ctx, skus, source.currency);
  const bySku = new Map(offers.map((offer) => [offer.sku, offer]));
  const missing = skus.filter((sku) => !bySku.has(sku));
  if (missing.length > 0) {
    const asked = ctx.params.lines ?? [];
    const at = (sku: string) =>
      ctx.params.lines ? `/lines/${asked.findIndex((line) => line.sku === sku)}/sku` : "/cartId";
    throw errors.skusNotFound(missing, at);
  }
  return bySku;
}

function linesOf(source: Source, offers: Map<string, Offer>): OrderLine[] {
  const nothing: Money = { amount: 0, currency: source.currency };
  return source.lines.map(({ sku, quantity }) => {
    const { productId, name, price } = offers.get(sku) as Offer;
    const total = { amount: lineTotal({ quantity, unitPrice: price.amount }), currency: source.currency };
    return { sku, productId, name, quantity, unitPrice: price, total, returned: 0, refunded: nothing };
  });
}

async function totals(
  actor: OrdersActor,
  ctx: Ctx<PlaceParams>,
  source: Source,
  lines: OrderLine[],
  customer: string,
) {
  const rates = ratesOf(actor.rates, ctx.params.shippingAddress.country);
  if (!rates) throw errors.countryNotServed("/shippingAddress/country");
  const price = shippingPrice(rates, ctx.params.shippingMethod, source.currency);
  if (price === undefined) throw errors.currencyRequired();
  const coupon =
    source.couponCode === null
      ? undefined
      : await lookAtCoupon(actor, source.couponCode, source.currency, customer);
  if (coupon?.reason !== undefined) throw errors.couponNotApplicable(coupon.reason);
  const priced = lines.map((line) => ({ quantity: line.quantity, unitPrice: line.unitPrice.amount }));
  const sums = totalsOf(priced, { coupon: coupon?.discount, shippingPrice: price, rates });
  if (!Number.isSafeInteger(sums.total) || !Number.isSafeInteger(sums.subtotal)) throw errors.totalTooLarge();
  return { sums, couponCode: coupon?.code ?? null };
}

function assertPayable(actor: OrdersActor, { provider, token }: PlaceParams["payment"]): void {
  if (!actor.config.paymentProviders.includes(provider)) throw errors.providerUnknown();
  if (provider === "test" && token === undefined)
    throw refuse(422, "VALIDATION_ERROR", "The test provider needs a token.", {
      errors: [{ pointer: "/payment/token", message: "is required" }],
    });
}

/** Names, prices and sums of the order that is asked for, from the catalogue and the tables alone; nothing is written. */
export async function draftOrder(actor: OrdersActor, ctx: Ctx<PlaceParams>): Promise<Draft> {
  assertPayable(actor, ctx.params.payment);
  const source = await sourceOf(ctx);
  const customer = source.customerId ?? ctx.params.email.toLowerCase();
  const lines = linesOf(source, await offersOf(ctx, source));
  const { sums, couponCode } = await totals(actor, ctx, source, lines, customer);
  const number = await takeNumber(actor);
  return {
    order: pending(actor, ctx.params, { source, lines, sums, couponCode, number }),
    cartId: ctx.params.cartId ?? null,
    customer,
  };
}

function pending(
  actor: OrdersActor,
  params: PlaceParams,
  made: { source: Source; lines: OrderLine[]; sums: Totals; couponCode: string | null; number: string },
): Order {
  const at = actor.timestamp();
  const { currency, customerId } = made.source;
  const money = (amount: number): Money => ({ amount, currency });
  const zero = money(0);
  return {
    id: actor.newId(),
    number: made.number,
    status: "pending",
    currency,
    email: params.email,
    customerId,
    lines: made.lines,
    subtotal: money(made.sums.subtotal),
    discount: money(made.sums.discount),
    shipping: money(made.sums.shipping ?? 0),
    tax: money(made.sums.tax ?? 0),
    includedTax: money(made.sums.includedTax ?? 0),
    total: money(made.sums.total),
    couponCode: made.couponCode,
    shippingMethod: params.shippingMethod,
    returns: [],
    refunds: [],
    payment: {
      status: "none",
      provider: params.payment.provider,
      authorized: zero,
      captured: zero,
      refunded: zero,
    },
    shippingAddress: params.shippingAddress,
    tracking: null,
    placedAt: at,
    updatedAt: at,
    version: 1,
    events: [{ version: 1, type: "placed", at, data: {} }],
  };
}
