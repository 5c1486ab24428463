import { andNotBits, bitsFor, type Bits } from "./search.bits.ts";
import type { SearchIndex } from "./search.index.ts";

/** What a shopper narrowed a list by. */
export interface Filters {
  category?: string;
  priceMin?: number;
  priceMax?: number;
  inStock?: boolean;
  rating?: number;
  option?: Readonly<Record<string, readonly string[]>>;
}

/** One filter and the facet whose counts leave it out. */
interface Filter {
  facet: string;
  narrow: (target: Bits) => void;
}

export const optionFacet = (name: string): string => `option ${name}`;

export function filtersOf(index: SearchIndex, currency: string, asked: Filters): Filter[] {
  const { facets } = index;
  const filters: Filter[] = [];
  const { category, inStock, rating, priceMin, priceMax } = asked;
  if (category !== undefined)
    filters.push({ facet: "categories", narrow: (target) => keepCategory(index, category, target) });
  for (const [name, values] of Object.entries(asked.option ?? {}))
    if (values.length > 0)
      filters.push({ facet: optionFacet(name), narrow: (target) => keepOption(index, name, values, target) });
  if (rating !== undefined)
    filters.push({ facet: "rating", narrow: (target) => facets.ratings[rating]?.and(target) });
  if (inStock !== undefined)
    filters.push({
      facet: "inStock",
      narrow: (target) =>
        inStock ? facets.inStock.and(target) : andNotBits(target, facets.inStock.copy(index.capacity)),
    });
  if (priceMin !== undefined || priceMax !== undefined)
    filters.push({
      facet: "price",
      narrow: (target) =>
        index.prices.get(currency)?.keepWithin(target, priceMin ?? 0, priceMax ?? Infinity, index.capacity),
    });
  return filters;
}

/** The rows of `all` that pass every filter except those of one facet. */
export function narrowed(all: Bits, filters: readonly Filter[], except?: string): Bits {
  const rows = all.slice();
  for (const { facet, narrow } of filters) if (facet !== except) narrow(rows);
  return rows;
}

/** A category holds what is in the categories below it, too. */
export function keepCategory(index: SearchIndex, category: string, target: Bits): void {
  const slugs = index.tree.below(category);
  keepAny(
    index,
    slugs.map((slug) => index.facets.categories.sets.get(slug)),
    target,
  );
}

function keepOption(index: SearchIndex, name: string, values: readonly string[], target: Bits): void {
  const sets = index.facets.options.get(name)?.sets;
  keepAny(
    index,
    values.map((value) => sets?.get(value)),
    target,
  );
}

type Sets = readonly ({ and(target: Bits): void; or(target: Bits): void } | undefined)[];

function keepAny(index: SearchIndex, sets: Sets, target: Bits): void {
  const known = sets.filter((set) => set !== undefined);
  if (known.length === 1) {
    known[0]?.and(target);
    return;
  }
  const any = bitsFor(index.capacity);
  for (const set of known) set.or(any);
  for (let i = 0; i < target.length; i++) target[i] = (target[i] as number) & (any[i] ?? 0);
}
