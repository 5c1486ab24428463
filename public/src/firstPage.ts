import type { RouteLocationResolvedGeneric } from "vue-router";
import type { Params, Product, Route } from "./api/index.ts";
import { filtersOf, listQuestion } from "./composables/listingFilters.ts";

/** What a page asks the store for before it can be shown. */
export interface Question {
  readonly route: Route;
  readonly params: Record<string, unknown>;
}

const question = <R extends Route>(route: R, params: Params<R>): Question => ({
  route,
  params: params as Record<string, unknown>,
});

export type PickSort = "newest" | "-rating";
export const picksQuestion = (sort: PickSort, currency: string) => ({
  sort,
  limit: 8,
  currency,
  inStock: true,
});
export const productQuestion = (idOrSlug: string, currency: string) => ({ idOrSlug, currency });
export const relatedQuestion = (category: string | undefined, currency: string) => ({
  category,
  limit: 5,
  currency,
  inStock: true,
});
export const reviewsQuestion = (id: string) => ({ id, limit: 10 });

type Page = Pick<RouteLocationResolvedGeneric, "name" | "params" | "query">;

/** The questions of a page that hang on its address alone; the first is what the page is about. */
export function questionsOf({ name, params, query }: Page, currency: string): Question[] {
  const categories = question("GET /categories", {});
  const list = (category?: string): Question =>
    question("GET /products", listQuestion(filtersOf(query, category), currency));
  if (name === "home")
    return [
      question("GET /products", picksQuestion("newest", currency)),
      question("GET /products", picksQuestion("-rating", currency)),
      categories,
    ];
  if (name === "category") return [list(String(params.category)), categories];
  if (name === "search") return [list(), categories];
  if (name === "product")
    return [question("GET /products/:idOrSlug", productQuestion(String(params.slug), currency)), categories];
  return [categories];
}

/** What a product's page asks once it knows the product. */
export const questionsAbout = ({ id, categories, rating }: Product, currency: string): Question[] => [
  ...(rating.count > 0 ? [question("GET /products/:id/reviews", reviewsQuestion(id))] : []),
  ...(categories.length > 0 ? [question("GET /products", relatedQuestion(categories.at(-1), currency))] : []),
];
