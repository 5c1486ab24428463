import type { CatalogueProduct } from "../products/products.contract.ts";
import { andBits, bitsFor, eachBit, setBit, type Bits } from "./search.bits.ts";
import { Order } from "./search.order.ts";
import { RowSet, RowSets } from "./search.rowset.ts";

/** Minor units of the smallest round price above 0. */
const SMALLEST = 100;

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
  /** By round number, the rows with a price between it and the next one. */
  readonly buckets = new RowSets<number>();
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
    if (this.sold.has(row)) this.#each(row, (amount) => this.buckets.set(roundBelow(amount), row, false));
    for (const amount of prices) this.buckets.set(roundBelow(amount), row, true);
    this.sold.set(row, prices.length > 0);
    this.#between.delete(row);
    if (prices.length > 2) this.#between.set(row, [...prices]);
    for (const column of [this.lowest, this.highest]) while (column.length <= row) column.push(0);
    this.lowest[row] = prices[0] ?? 0;
    this.highest[row] = prices.at(-1) ?? 0;
  }

  /** Rows with a price in one of the buckets. */
  inBuckets(rounds: readonly number[], rows: number): Bits {
    const any = bitsFor(rows);
    for (const round of rounds) this.buckets.sets.get(round)?.or(any);
    return any;
  }

  #each(row: number, visit: (amount: number) => void): void {
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
  keepWithin(target: Bits, min: number, max: number, rows: number): void {
    const rounds = [...this.buckets.sets.keys()];
    const any = this.inBuckets(
      rounds.filter((round) => round >= min && nextRound(round) - 1 <= max),
      rows,
    );
    const edges = rounds.filter(
      (round) => round <= max && nextRound(round) > min && (round < min || nextRound(round) - 1 > max),
    );
    const unsure = this.inBuckets(edges, rows);
    andBits(unsure, target);
    eachBit(unsure, (row) => {
      if (this.#isWithin(row, min, max)) setBit(any, row);
    });
    andBits(target, any);
  }

  #isWithin(row: number, min: number, max: number): boolean {
    let inside = false;
    this.#each(row, (amount) => {
      if (amount >= min && amount <= max) inside = true;
    });
    return inside;
  }
}

/** 0, then 1, 2 and 5 major units and their tens. */
export function roundBelow(amount: number): number {
  if (amount < SMALLEST) return 0;
  let power = SMALLEST;
  while (power * 10 <= amount) power *= 10;
  return amount >= 5 * power ? 5 * power : amount >= 2 * power ? 2 * power : power;
}

function nextRound(round: number): number {
  if (round === 0) return SMALLEST;
  return String(round).startsWith("2") ? round * 2.5 : round * 2;
}
