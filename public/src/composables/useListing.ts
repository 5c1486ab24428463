import { useInfiniteQuery } from "@pinia/colada";
import { computed } from "vue";
import { useRoute, useRouter, type LocationQueryRaw } from "vue-router";
import { api, takeFirstPage } from "../api/index.ts";
import { currency } from "../stores/preferences.ts";
import { filtersOf, listQuestion } from "./listingFilters.ts";

/** The list of products that the address asks for, page by page. Pages stay cached, so "back" finds its place again. */
export function useListing() {
  const route = useRoute();
  const router = useRouter();
  const category = computed(() =>
    typeof route.params.category === "string" ? route.params.category : undefined,
  );
  const filters = computed(() => filtersOf(route.query, category.value));
  const asked = computed(() => listQuestion(filters.value, currency.value));
  const key = computed(() => JSON.stringify(asked.value));

  const { data, error, status, asyncStatus, hasNextPage, loadNextPage, refetch } = useInfiniteQuery({
    key: () => ["products", key.value],
    query: ({ pageParam, signal }) =>
      api("GET /products", { ...asked.value, cursor: pageParam ?? undefined }, { signal }),
    initialData: () => takeFirstPage("GET /products", asked.value),
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
