import type { CountryRates } from "./orders.rates.ts";

/** A coupon as far as sums need it; `value` is percent, or minor units. */
export interface Discount {
  kind: "percent" | "amount" | "free_shipping";
  value: number;
}

export interface PricedLine {
  quantity: number;
  /** Minor units. */
  unitPrice: number;
}

/** Minor units of one currency; null is not known yet. */
export interface Totals {
  subtotal: number;
  discount: number;
  shipping: number | null;
  /** Added to the sum. */
  tax: number | null;
  /** Contained in prices and shipping. */
  includedTax: number | null;
  total: number;
}

const basisPoints = 10_000n;
/** Half away from zero, in integers of any size (a percentage of a large sum leaves the safe range on the way). */
const ratio = (amount: number, over: bigint, under: bigint): number =>
  Number((BigInt(amount) * over * 2n + under) / (under * 2n));

export const lineTotal = (line: PricedLine): number => line.unitPrice * line.quantity;

/** What a coupon takes off; never more than the goods cost. Free shipping is no discount: the shipping is 0. */
export function discountOf(subtotal: number, coupon: Discount | undefined): number {
  if (coupon === undefined || coupon.kind === "free_shipping") return 0;
  if (coupon.kind === "amount") return Math.min(coupon.value, subtotal);
  return ratio(subtotal, BigInt(Math.min(coupon.value, 100)), 100n);
}

function taxOf(base: number, rates: CountryRates): { tax: number; includedTax: number } {
  const rate = BigInt(rates.taxRate);
  return rates.taxIncluded
    ? { tax: 0, includedTax: ratio(base, rate, basisPoints + rate) }
    : { tax: ratio(base, rate, basisPoints), includedTax: 0 };
}

/**
 * total = sum(price x quantity) + shipping + tax - discount, in integers (invariant I8).
 * `shippingPrice` and `rates` are left out while country or method are not known.
 */
export function totalsOf(
  lines: readonly PricedLine[],
  options: { coupon?: Discount; shippingPrice?: number; rates?: CountryRates },
): Totals {
  const subtotal = lines.reduce((sum, line) => sum + lineTotal(line), 0);
  const discount = discountOf(subtotal, options.coupon);
  const free = options.coupon?.kind === "free_shipping";
  const shipping = options.shippingPrice === undefined ? null : free ? 0 : options.shippingPrice;
  const known = options.rates && taxOf(subtotal - discount + (shipping ?? 0), options.rates);
  return {
    subtotal,
    discount,
    shipping,
    tax: known?.tax ?? null,
    includedTax: known?.includedTax ?? null,
    total: subtotal - discount + (shipping ?? 0) + (known?.tax ?? 0),
  };
}
