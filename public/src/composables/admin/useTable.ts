import { useQuery } from "@pinia/colada";
import { computed, ref, watch } from "vue";
import { useRoute, useRouter } from "vue-router";
import { api, type Item, type ListRoute, type Params } from "../../api/index.ts";

type Names<R extends ListRoute> = readonly (keyof Params<R> & string)[];

/**
 * A list of the back office: filters and sort live in the address, pages are turned by cursors.
 * @param names the filters that the address may carry
 */
export function useTable<R extends ListRoute>(route: R, names: Names<R>, fixed: Partial<Params<R>> = {}) {
  const place = useRoute();
  const router = useRouter();
  const cursors = ref<string[]>([]);
  const start = place.name;

  const filters = computed<Record<string, string>>(() =>
    Object.fromEntries(
      names
        .map((name) => [name, place.query[name]] as const)
        .filter(
          (entry): entry is [keyof Params<R> & string, string] =>
            typeof entry[1] === "string" && entry[1] !== "",
        ),
    ),
  );
  watch(filters, (now, before) => {
    if (JSON.stringify(now) !== JSON.stringify(before)) cursors.value = [];
  });
  const params = computed(() => ({ limit: 25, ...fixed, ...filters.value, cursor: cursors.value.at(-1) }));
  const { data, error, status, refetch } = useQuery({
    key: () => ["admin", route, JSON.stringify(params.value)],
    query: () => api(route, params.value),
    enabled: () => place.name === start,
    staleTime: 0,
    placeholderData: (previous) => previous,
  });
  const list = computed(() => data.value as { data: Item<R>[]; page: { next: string | null } } | undefined);
  const rows = computed(() => list.value?.data ?? []);
  const hasNext = computed(() => typeof list.value?.page.next === "string");
  const hasPrevious = computed(() => cursors.value.length > 0);

  const setFilter = (name: string, value: string): void => {
    void router.replace({ query: { ...place.query, [name]: value || undefined } });
  };
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
    hasNext,
    hasPrevious,
    setFilter,
    next,
    previous,
    refetch,
  };
}
export type Table = Pick<
  ReturnType<typeof useTable>,
  "error" | "status" | "isFiltered" | "hasNext" | "hasPrevious" | "next" | "previous" | "refetch"
>;
