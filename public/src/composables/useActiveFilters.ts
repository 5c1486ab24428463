import { computed } from "vue";
import { useI18n } from "vue-i18n";
import { currency } from "../stores/preferences.ts";
import { useFormat } from "./useFormat.ts";
import type { Listing } from "./useListing.ts";

/** The filters that are on, each with its words and the way to take it off. */
export function useActiveFilters(
  { filters, category, setFilters, toggleOption }: Listing,
  nameOf: (slug: string) => string,
) {
  const { t } = useI18n();
  const { money } = useFormat();
  const price = (amount: number): string => money({ amount, currency: currency.value });

  return computed(() => {
    const { priceMin, priceMax, inStock, rating, option } = filters.value;
    const list: { key: string; label: string; off: () => void }[] = [];
    const slug = filters.value.category;
    if (slug !== undefined && category.value === undefined)
      list.push({ key: "category", label: nameOf(slug), off: () => setFilters({ category: undefined }) });
    if (priceMin !== undefined || priceMax !== undefined) {
      const label =
        priceMax === undefined
          ? t("list.over", { price: price(priceMin ?? 0) })
          : `${price(priceMin ?? 0)} – ${price(priceMax)}`;
      list.push({ key: "price", label, off: () => setFilters({ priceMin: undefined, priceMax: undefined }) });
    }
    if (inStock)
      list.push({ key: "stock", label: t("list.inStock"), off: () => setFilters({ inStock: undefined }) });
    if (rating !== undefined)
      list.push({
        key: "rating",
        label: t("list.stars", { count: rating }),
        off: () => setFilters({ rating: undefined }),
      });
    for (const [name, values] of Object.entries(option ?? {}))
      for (const value of values)
        list.push({ key: `${name}:${value}`, label: value, off: () => toggleOption(name, value) });
    return list;
  });
}
