import { useQuery } from "@pinia/colada";
import { computed, ref, watch } from "vue";
import { useRoute, useRouter } from "vue-router";
import { api, type Item, type ListRoute, type Params } from "../../api/index.ts";

type Names<R extends ListRoute> = readonly (keyof Params<R> & string)[];
interface Options<R extends ListRoute> {
  /** Params that no address changes. */
  fixed?: Partial<Params<R>>;
  /** The order of a list whose address names none, `-placedAt` for the newest first. */
  sort?: string;
}

/**
 * A list of the back office: filters and sort live in the address, pages are turned by cursors.
 * @param names the filters that the address may carry
 */
export function useTable<R extends ListRoute>(
  route: R,
  names: Names<R>,
  { fixed, sort: usual }: Options<R> = {},
) {
  const place = useRoute();
  const router = useRouter();
  const cursors = ref<string[]>([]);
  const start = place.name;

  const textOf = (name: string): string | undefined => {
    const value = place.query[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const filters = computed<Record<string, string>>(() =>
    Object.fromEntries(
      names
        .map((name) => [name, textOf(name)] as const)
        .filter((entry): entry is [keyof Params<R> & string, string] => entry[1] !== undefined),
    ),
  );
  const sort = computed(() => (usual === undefined ? undefined : (textOf("sort") ?? usual)));
  const asked = computed(() => ({ ...fixed, ...filters.value, ...(usual && { sort: sort.value }) }));
  watch(
    () => JSON.stringify(asked.value),
    () => (cursors.value = []),
  );
  const params = computed(() => ({ limit: 25, ...asked.value, cursor: cursors.value.at(-1) }));
  const { data, error, status, refetch } = useQuery({
    key: () => ["admin", route, JSON.stringify(params.value)],
    query: () => api(route, params.value as Params<R>),
    enabled: () => place.name === start,
    staleTime: 0,
    placeholderData: (previous) => previous,
  });
  const list = computed(() => data.value as { data: Item<R>[]; page: { next: string | null } } | undefined);
  const rows = computed(() => list.value?.data ?? []);
  const hasNext = computed(() => typeof list.value?.page.next === "string");
  const hasPrevious = computed(() => cursors.value.length > 0);
  /** Pages in front of this one. */
  const pageNumber = computed(() => cursors.value.length + 1);

  const setFilter = (name: string, value: string): void => {
    void router.replace({ query: { ...place.query, [name]: value || undefined } });
  };
  const clearFilters = (): void => {
    void router.replace({ query: sort.value === usual ? {} : { sort: sort.value } });
  };
  const sortBy = (name: string): void => setFilter("sort", name === usual ? "" : name);
  const next = (): void => {
    const cursor = list.value?.page.next;
    if (typeof cursor === "string") cursors.value = [...cursors.value, cursor];
  };
  const previous = (): void => {
    cursors.value = cursors.value.slice(0, -1);
  };
  const isFiltered = computed(() => Object.keys(filters.value).length > 0);
  return {
    rows,
    error,
    status,
    filters,
    isFiltered,
    sort,
    hasNext,
    hasPrevious,
    pageNumber,
    setFilter,
    clearFilters,
    sortBy,
    next,
    previous,
    refetch,
  };
}
export type Table = Omit<ReturnType<typeof useTable>, "rows">;
