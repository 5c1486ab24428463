import type { Static } from "typebox";
import { bitsFor, countBits, eachBit, type Bits } from "./search.bits.ts";
import type { Facets } from "./search.contract.ts";
import { narrowed, optionFacet, type filtersOf } from "./search.filters.ts";
import type { SearchIndex } from "./search.index.ts";
import type { RowSet } from "./search.rowset.ts";

type Counted = { value: string; count: number };

/** Values of one facet that an answer names: the most frequent. */
const MOST_VALUES = 100;
const PRICE_BANDS = 6;
const STEPS = [1, 2, 5];

/** How many of the rows have each value; the counts of one facet leave out its own filter. */
export function facetCounts(
  index: SearchIndex,
  currency: string,
  all: Bits,
  filters: ReturnType<typeof filtersOf>,
): Static<typeof Facets> {
  const whole = narrowed(all, filters);
  const without = (facet: string): Bits =>
    filters.some((filter) => filter.facet === facet) ? narrowed(all, filters, facet) : whole;
  const { facets } = index;
  const stockBase = without("inStock");
  const inStock = facets.inStock.countIn(stockBase);
  const ratingBase = without("rating");
  return {
    categories: categoryCounts(index, without("categories")),
    options: Object.fromEntries(
      [...facets.options]
        .map(([name, { sets }]) => [name, valueCounts(sets, without(optionFacet(name)))] as const)
        .filter(([, values]) => values.length > 0),
    ),
    price: priceBands(index, currency, without("price")),
    inStock: [
      { value: true, count: inStock },
      { value: false, count: countBits(stockBase) - inStock },
    ],
    rating: [5, 4, 3, 2, 1].map((value) => ({
      value,
      count: facets.ratings[value]?.countIn(ratingBase) ?? 0,
    })),
  };
}

const mostFirst = (a: Counted, b: Counted): number => b.count - a.count || (a.value < b.value ? -1 : 1);

function valueCounts(sets: ReadonlyMap<string, RowSet>, base: Bits): Counted[] {
  const counts: Counted[] = [];
  for (const [value, set] of sets) {
    const count = set.countIn(base);
    if (count > 0) counts.push({ value, count });
  }
  return counts.sort(mostFirst).slice(0, MOST_VALUES);
}

/** With all categories above those that products name: a category counts what is below it. */
function categoryCounts(index: SearchIndex, base: Bits): Counted[] {
  const { sets } = index.facets.categories;
  const counts = index.tree
    .above([...sets.keys()])
    .map((value) => ({ value, count: inCategory(index, value, base) }));
  return counts
    .filter(({ count }) => count > 0)
    .sort(mostFirst)
    .slice(0, MOST_VALUES);
}

export function inCategory(index: SearchIndex, slug: string, base: Bits): number {
  const { sets } = index.facets.categories;
  const below = index.tree.below(slug);
  if (below.length === 1) return sets.get(slug)?.countIn(base) ?? 0;
  const any = bitsFor(index.capacity);
  for (const each of below) sets.get(each)?.or(any);
  return countBits(any, base);
}

/**
 * A few bands with round ends that share the prices about evenly. A product counts in each band that one of its prices lies
 * in, so that a band's count is what `priceMin` and `priceMax` with its ends answer.
 */
function priceBands(index: SearchIndex, currency: string, base: Bits): Static<typeof Facets>["price"] {
  const prices = index.prices.get(currency);
  if (!prices) return [];
  const perEdge = new Map<number, number>();
  let products = 0;
  eachBit(base, (row) => {
    products++;
    const edge = edgeBelow(prices.lowest[row] as number);
    perEdge.set(edge, (perEdge.get(edge) ?? 0) + 1);
  });
  const starts = bandStarts(perEdge, products / PRICE_BANDS);
  const bands = starts.map((min, i) => {
    const next = starts[i + 1];
    return { min, max: next === undefined ? null : next - 1, count: 0 };
  });
  const seen: number[] = starts.map(() => -1);
  eachBit(base, (row) => {
    prices.each(row, (amount) => {
      let band = starts.length - 1;
      while (band > 0 && amount < (starts[band] as number)) band--;
      if (seen[band] === row) return;
      seen[band] = row;
      (bands[band] as { count: number }).count++;
    });
  });
  return bands.filter(({ count }) => count > 0);
}

/** The round number (1, 2 or 5 and zeros) at or below an amount; 0 below one major unit. */
function edgeBelow(amount: number): number {
  if (amount < 100) return 0;
  const power = 10 ** Math.floor(Math.log10(amount));
  const step = STEPS.findLast((each) => each * power <= amount) ?? 1;
  return step * power;
}

/** Joins neighbouring edges until each band has about its share. */
function bandStarts(perEdge: ReadonlyMap<number, number>, share: number): number[] {
  const starts: number[] = [];
  let gathered = Infinity;
  for (const [edge, count] of [...perEdge].sort(([a], [b]) => a - b)) {
    if (gathered >= share) {
      starts.push(edge);
      gathered = 0;
    }
    gathered += count;
  }
  return starts;
}
