import { useQuery } from "@pinia/colada";
import { computed } from "vue";
import { api, takeGiven } from "../api/index.ts";

/** The category tree; asked for once. */
export function useCategories() {
  const { data, error, status } = useQuery({
    key: ["categories"],
    query: () => api("GET /categories", {}),
    initialData: () => takeGiven("GET /categories", {}),
    staleTime: 300_000,
  });
  const all = computed(() => data.value?.data ?? []);
  const top = computed(() => all.value.filter((category) => category.parent === null));
  const bySlug = (slug: string) => all.value.find((category) => category.slug === slug);
  const childrenOf = (slug: string) => all.value.filter((category) => category.parent === slug);
  return { all, top, bySlug, childrenOf, error, status };
}
