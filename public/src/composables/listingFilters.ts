import type { LocationQuery } from "vue-router";
import type { Params } from "../api/index.ts";

type Query = Params<"GET /products">;
export type Sort = NonNullable<Query["sort"]>;

const first = (value: LocationQuery[string] | undefined): string | undefined =>
  (Array.isArray(value) ? value[0] : value) ?? undefined;
const all = (value: LocationQuery[string] | undefined): string[] =>
  (Array.isArray(value) ? value : [value]).filter((item) => typeof item === "string");
const whole = (value: string | undefined): number | undefined =>
  value !== undefined && /^\d{1,12}$/.test(value) ? Number(value) : undefined;

const sorts: readonly Sort[] = ["relevance", "newest", "price", "-price", "name", "-rating"];

/** Reads the filters of a list from the address: it is their only home, so a link or "back" shows the same list. */
export function filtersOf(query: LocationQuery, category?: string): Query {
  const options = Object.entries(query)
    .filter(([name]) => name.startsWith("option."))
    .map(([name, value]) => [name.slice(7), all(value)] as const);
  const sort = sorts.find((name) => name === first(query.sort));
  return {
    q: first(query.q)?.slice(0, 200),
    category: category ?? first(query.category),
    priceMin: whole(first(query.priceMin)),
    priceMax: whole(first(query.priceMax)),
    inStock: first(query.inStock) === "true" ? true : undefined,
    rating: whole(first(query.rating)),
    option: options.length > 0 ? Object.fromEntries(options) : undefined,
    sort,
  };
}

const PAGE = 24;

/** The question that a list puts to the store. */
export const listQuestion = (filters: Query, currency: string): Query => ({
  ...filters,
  currency,
  facets: true,
  limit: PAGE,
});
