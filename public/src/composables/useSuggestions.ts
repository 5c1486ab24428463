import { useQuery } from "@pinia/colada";
import { refDebounced } from "@vueuse/core";
import { computed, ref, watch, type Ref } from "vue";
import { useRouter, type RouteLocationRaw } from "vue-router";
import { api } from "../api/index.ts";
import { currency } from "../stores/preferences.ts";

export interface Suggestion {
  key: string;
  kind: "product" | "category" | "search";
  label: string;
  image?: string | null;
  to: RouteLocationRaw;
}

/** What a shopper may mean while typing, and which of it the arrow keys have reached. */
export function useSuggestions(text: Ref<string>) {
  const router = useRouter();
  const asked = refDebounced(text, 150);
  const isOpen = ref(false);
  const active = ref(-1);
  const { data } = useQuery({
    key: () => ["suggest", asked.value.trim(), currency.value],
    query: () => api("GET /search/suggest", { q: asked.value.trim(), limit: 6 }),
    enabled: () => isOpen.value && asked.value.trim().length > 1,
  });

  const searchFor = (q: string): RouteLocationRaw => ({ name: "search", query: { q } });
  const suggestions = computed<Suggestion[]>(() => {
    const found = data.value;
    if (found === undefined || text.value.trim().length < 2) return [];
    const { didYouMean } = found;
    return [
      ...(didYouMean
        ? [{ key: "mean", kind: "search" as const, label: didYouMean, to: searchFor(didYouMean) }]
        : []),
      ...found.categories.map(({ slug, name }) => ({
        key: `c-${slug}`,
        kind: "category" as const,
        label: name,
        to: { name: "category", params: { category: slug } },
      })),
      ...found.products.map(({ id, slug, name, image }) => ({
        key: id,
        kind: "product" as const,
        label: name,
        image,
        to: { name: "product", params: { slug } },
      })),
    ];
  });
  watch(suggestions, () => {
    active.value = -1;
  });

  const close = (): void => {
    isOpen.value = false;
    active.value = -1;
  };
  const go = async (to: RouteLocationRaw): Promise<void> => {
    close();
    await router.push(to);
  };
  const submit = async (): Promise<void> => {
    const chosen = suggestions.value[active.value];
    if (chosen !== undefined) return go(chosen.to);
    const q = text.value.trim();
    if (q !== "") await go(searchFor(q));
  };
  const move = (step: 1 | -1): void => {
    isOpen.value = true;
    const count = suggestions.value.length;
    if (count > 0)
      active.value = (active.value + step + count + (active.value < 0 && step < 0 ? 1 : 0)) % count;
  };
  return { suggestions, isOpen, active, close, go, submit, move };
}
