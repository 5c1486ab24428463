import type { Order } from "./orders.shapes.ts";

/**
 * Shares an amount over weights in integers: the largest remainders get the units left over, so the parts sum up exactly.
 * All weights 0: everything goes to the first.
 */
export function allocate(amount: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (sum === 0) return weights.map((_, i) => (i === 0 ? amount : 0));
  const exact = weights.map((weight) => (BigInt(amount) * BigInt(weight)) / BigInt(sum)).map(Number);
  const rest = weights.map((weight, i) => ({ i, rest: (BigInt(amount) * BigInt(weight)) % BigInt(sum) }));
  let left = amount - exact.reduce((total, part) => total + part, 0);
  for (const { i } of rest.sort((a, b) => (a.rest === b.rest ? a.i - b.i : a.rest < b.rest ? 1 : -1))) {
    if (left === 0) break;
    exact[i] = (exact[i] ?? 0) + 1;
    left -= 1;
  }
  return exact;
}

/** What was paid for each line: its share of the goods after discount, with the tax on top; no shipping. In the order of the lines. */
export const paidPerLine = (order: Order): number[] => {
  const goods = order.subtotal.amount - order.discount.amount;
  const taxed = goods + order.shipping.amount;
  const tax = taxed === 0 ? 0 : Number((BigInt(order.tax.amount) * BigInt(goods)) / BigInt(taxed));
  return allocate(
    goods + tax,
    order.lines.map((line) => line.total.amount),
  );
};

/** Minor units that go back for `units` more of a line of which `returned` came back before; over the whole line the parts sum up exactly. */
export function refundOfUnits(paid: number, quantity: number, returned: number, units: number): number {
  const upTo = (n: number): bigint => (BigInt(paid) * BigInt(n)) / BigInt(quantity);
  return Number(upTo(returned + units) - upTo(returned));
}
