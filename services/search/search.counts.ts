import type { Static } from "typebox";
import { bitsFor, countBits, type Bits } from "./search.bits.ts";
import type { Facets } from "./search.contract.ts";
import { narrowed, optionFacet, type filtersOf } from "./search.filters.ts";
import type { SearchIndex } from "./search.index.ts";
import type { RowSet } from "./search.rowset.ts";

type Counted = { value: string; count: number };

/** Values of one facet that an answer names: the most frequent. */
const MOST_VALUES = 100;
const PRICE_BANDS = 6;

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
 * A few bands with round ends that share the products about evenly. A product counts in each band that one of its prices
 * lies in, so that a band's count is what `priceMin` and `priceMax` with its ends answer.
 */
function priceBands(index: SearchIndex, currency: string, base: Bits): Static<typeof Facets>["price"] {
  const prices = index.prices.get(currency);
  if (!prices) return [];
  const rounds = [...prices.buckets.sets]
    .map(([round, set]) => ({ round, count: set.countIn(base) }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => a.round - b.round);
  const share = rounds.reduce((sum, { count }) => sum + count, 0) / PRICE_BANDS;
  const bands: { rounds: number[]; gathered: number }[] = [];
  for (const { round, count } of rounds) {
    const last = bands.at(-1);
    if (last && last.gathered < share) {
      last.rounds.push(round);
      last.gathered += count;
    } else bands.push({ rounds: [round], gathered: count });
  }
  return bands.map((band, i) => ({
    min: band.rounds[0] as number,
    max: i + 1 < bands.length ? (bands[i + 1]?.rounds[0] as number) - 1 : null,
    count:
      band.rounds.length === 1
        ? band.gathered
        : countBits(prices.inBuckets(band.rounds, index.capacity), base),
  }));
}
