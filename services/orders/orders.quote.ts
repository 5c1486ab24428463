import type { Ctx, Handler } from "../../contract/implement.ts";
import type { Money } from "../../contract/shapes.ts";
import type { OrdersActor } from "./orders.actor.ts";
import { findCoupon, normalCode, refusalOf, usesOf } from "./orders.coupon-uses.ts";
import type contract from "./orders.contract.ts";
import { countryNotServed, currencyRequired } from "./orders.errors.ts";
import { ratesOf, type CountryRates } from "./orders.rates.ts";
import type { Quote } from "./orders.shapes.ts";
import { totalsOf, type Discount } from "./orders.totals.ts";

export interface CouponAnswer {
  code: string;
  discount?: Discount;
  reason?: string;
}

/** Whether a coupon applies now; what counts in the end is the use that the order's transaction takes. */
export async function lookAtCoupon(
  actor: OrdersActor,
  code: string,
  currency: string,
  customer?: string,
): Promise<CouponAnswer> {
  const row = await findCoupon(actor.store.read, code);
  const usesOfCustomer = customer === undefined ? 0 : await usesOf(actor.store.read, code, customer);
  const reason = refusalOf(row, { now: actor.timestamp(), currency, usesOfCustomer });
  if (reason !== undefined || !row) return { code, reason: reason ?? "There is no such coupon." };
  return { code: normalCode(code), discount: { kind: row.kind, value: row.value } };
}

/** Undefined when the method has no price in this currency. */
export const shippingPrice = (
  rates: CountryRates,
  method: "standard" | "express",
  currency: string,
): number | undefined => rates.shipping[method][currency];

export const quote: Handler<typeof contract, "quote", OrdersActor> = async function (ctx): Promise<Quote> {
  const { currency, lines, couponCode, country, shippingMethod, customer } = ctx.params;
  const rates = country === undefined ? undefined : ratesOf(this.rates, country);
  if (country !== undefined && !rates) throw countryNotServed("/country");
  const coupon =
    couponCode === undefined ? undefined : await lookAtCoupon(this, couponCode, currency, customer);
  const price = rates && shippingMethod && shippingPrice(rates, shippingMethod, currency);
  const totals = totalsOf(
    lines.map((line) => ({ quantity: line.quantity, unitPrice: line.unitPrice.amount })),
    { coupon: coupon?.discount, shippingPrice: price, rates },
  );
  const money = (amount: number): Money => ({ amount, currency });
  const maybe = (amount: number | null): Money | null => (amount === null ? null : money(amount));
  return {
    subtotal: money(totals.subtotal),
    discount: money(totals.discount),
    shipping: maybe(totals.shipping),
    tax: maybe(totals.tax),
    includedTax: maybe(totals.includedTax),
    total: money(totals.total),
    coupon: coupon
      ? {
          code: coupon.code,
          applied: coupon.discount !== undefined,
          ...(coupon.reason === undefined ? {} : { reason: coupon.reason }),
        }
      : null,
  };
};

const names = { standard: "Standard delivery", express: "Express delivery" } as const;

export const shippingMethods: Handler<typeof contract, "shippingMethods", OrdersActor> = async function (
  ctx,
) {
  const { country, cartId } = ctx.params;
  const rates = ratesOf(this.rates, country);
  if (!rates) throw countryNotServed("/country");
  const currency = ctx.params.currency ?? (await currencyOf(this, ctx, cartId));
  const data = (["standard", "express"] as const).flatMap((id) => {
    const amount = shippingPrice(rates, id, currency);
    const [minDays, maxDays] = rates.days[id];
    return amount === undefined
      ? []
      : [{ id, name: names[id], price: { amount, currency }, minDays, maxDays }];
  });
  if (data.length === 0) throw currencyRequired();
  return { data };
};

const currencyOf = async (actor: OrdersActor, ctx: Ctx, cartId: string | undefined): Promise<string> =>
  cartId === undefined ? actor.config.currency : (await ctx.call("carts.get", { id: cartId })).currency;
