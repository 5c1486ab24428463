import type { CatalogueProduct } from "../products/products.contract.ts";
import { clearBit, eachBit, type Bits } from "./search.bits.ts";
import { Order } from "./search.order.ts";
import { RowSet } from "./search.rowset.ts";

/** The distinct prices of a product in one currency, the lowest first; empty when it is not sold in it. */
export function pricesIn(product: CatalogueProduct, currency: string): number[] {
  const amounts = new Set<number>();
  for (const { prices } of product.variants)
    for (const price of prices) if (price.currency === currency) amounts.add(price.amount);
  return [...amounts].sort((a, b) => a - b);
}

export const currenciesOf = (product: CatalogueProduct): Set<string> =>
  new Set(product.variants.flatMap(({ prices }) => prices.map(({ currency }) => currency)));

/** What is sold in one currency, and for how much. */
export class Prices {
  readonly sold = new RowSet();
  readonly lowest: number[] = [];
  readonly highest: number[] = [];
  readonly order: Order;
  /** All prices of the few rows that have more than two. */
  readonly #between = new Map<number, number[]>();

  constructor(ids: string[]) {
    this.order = new Order(this.lowest, ids);
  }

  /** Whether the row must take a new place in the order: call `leave` before and insert it after `put`. */
  moves(row: number, prices: readonly number[]): boolean {
    return this.sold.has(row) ? this.lowest[row] !== prices[0] : prices.length > 0;
  }

  leave(row: number): void {
    if (this.sold.has(row)) this.order.remove(row);
  }

  put(row: number, prices: readonly number[]): void {
    this.sold.set(row, prices.length > 0);
    this.#between.delete(row);
    if (prices.length > 2) this.#between.set(row, [...prices]);
    for (const column of [this.lowest, this.highest]) while (column.length <= row) column.push(0);
    this.lowest[row] = prices[0] ?? 0;
    this.highest[row] = prices.at(-1) ?? 0;
  }

  /** Calls `visit` with each distinct price of the row. */
  each(row: number, visit: (amount: number) => void): void {
    const all = this.#between.get(row);
    if (all) {
      all.forEach(visit);
      return;
    }
    const lowest = this.lowest[row] as number;
    const highest = this.highest[row] as number;
    visit(lowest);
    if (highest !== lowest) visit(highest);
  }

  /** Removes from `target` the rows none of whose prices lies in the range. */
  keepWithin(target: Bits, min: number, max: number): void {
    eachBit(target, (row) => {
      const lowest = this.lowest[row] as number;
      const highest = this.highest[row] as number;
      const inside = (lowest >= min && lowest <= max) || (highest >= min && highest <= max);
      if (inside || (lowest < min && highest > max && this.#oneInside(row, min, max))) return;
      clearBit(target, row);
    });
  }

  #oneInside(row: number, min: number, max: number): boolean {
    return this.#between.get(row)?.some((price) => price >= min && price <= max) ?? false;
  }
}
