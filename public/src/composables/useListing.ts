import { useInfiniteQuery } from "@pinia/colada";
import { computed } from "vue";
import { useRoute, useRouter, type LocationQuery, type LocationQueryRaw } from "vue-router";
import { api, type Params } from "../api/index.ts";
import { currency } from "../stores/preferences.ts";

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

/** The list of products that the address asks for, page by page. Pages stay cached, so "back" finds its place again. */
export function useListing() {
  const route = useRoute();
  const router = useRouter();
  const category = computed(() =>
    typeof route.params.category === "string" ? route.params.category : undefined,
  );
  const filters = computed(() => filtersOf(route.query, category.value));
  const asked = computed(() => ({ ...filters.value, currency: currency.value, facets: true, limit: 24 }));
  const key = computed(() => JSON.stringify(asked.value));

  const { data, error, status, asyncStatus, hasNextPage, loadNextPage, refetch } = useInfiniteQuery({
    key: () => ["products", key.value],
    query: ({ pageParam, signal }) =>
      api("GET /products", { ...asked.value, cursor: pageParam ?? undefined }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.page.next,
    staleTime: 120_000,
  });

  const pages = computed(() => data.value?.pages ?? []);
  const products = computed(() => pages.value.flatMap((page) => page.data));
  const facets = computed(() => pages.value[0]?.facets);
  const total = computed(() => pages.value[0]?.total);
  const didYouMean = computed(() => pages.value[0]?.didYouMean);
  const isLoading = computed(() => asyncStatus.value === "loading");

  /** Writes filters into the address; undefined takes one away. */
  const setFilters = (changes: LocationQueryRaw): void => {
    void router.push({ query: { ...route.query, ...changes } });
  };
  const clear = (): void => {
    const { q, sort } = route.query;
    void router.push({ query: { ...(q && { q }), ...(sort && { sort }) } });
  };
  const toggleOption = (name: string, value: string): void => {
    const has = filters.value.option?.[name] ?? [];
    const next = has.includes(value) ? has.filter((item) => item !== value) : [...has, value];
    setFilters({ [`option.${name}`]: next.length > 0 ? next : undefined });
  };

  return {
    category,
    filters,
    products,
    facets,
    total,
    didYouMean,
    error,
    status,
    isLoading,
    hasNextPage,
    loadNextPage,
    refetch,
    setFilters,
    toggleOption,
    clear,
  };
}
export type Listing = ReturnType<typeof useListing>;
