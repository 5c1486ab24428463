import { useQuery, useQueryCache } from "@pinia/colada";
import { computed, ref, watch } from "vue";
import { useI18n } from "vue-i18n";
import { useRouter } from "vue-router";
import { api, type Answer, type Params } from "../../api/index.ts";
import { currencies } from "../../stores/preferences.ts";
import { toMajor, toMinor } from "../useFormat.ts";
import { useAction } from "./useAction.ts";

type Product = Answer<"GET /admin/products/:id">;
type Body = Params<"POST /admin/products">;
export interface VariantForm {
  sku: string;
  name: string;
  options: Record<string, string>;
  /** Major units as typed, by currency. */
  prices: Record<string, string>;
}

const blank = (): VariantForm => ({ sku: "", name: "", options: {}, prices: {} });
const formOf = (product?: Product) => ({
  name: product?.name ?? "",
  slug: product?.slug ?? "",
  description: product?.description ?? "",
  status: product?.status ?? ("draft" as const),
  categories: [...(product?.categories ?? [])],
  images: (product?.images ?? []).map((image) => ({ ...image })),
  options: (product?.options ?? []).join(", "),
  variants: product?.variants.map(variantForm) ?? [blank()],
});
const variantForm = ({ sku, name, options, prices }: Product["variants"][number]): VariantForm => ({
  sku,
  name,
  options: { ...options },
  prices: Object.fromEntries(
    prices.map(({ amount, currency }) => [currency, String(toMajor(amount, currency))]),
  ),
});

/** The editor of one product; `new` is one that is not there yet. */
export function useProductForm(id: () => string) {
  const { t } = useI18n();
  const router = useRouter();
  const cache = useQueryCache();
  const { run, words, isBusy } = useAction();
  const isNew = computed(() => id() === "new");
  const {
    data: product,
    error,
    refetch,
  } = useQuery({
    key: () => ["admin", "product", id()],
    query: () => api("GET /admin/products/:id", { id: id() }),
    enabled: () => !isNew.value,
    staleTime: 0,
  });
  const form = ref(formOf());
  watch(product, (value) => (form.value = formOf(value)), { immediate: true });

  const optionNames = computed(() =>
    form.value.options
      .split(",")
      .map((name) => name.trim().toLowerCase())
      .filter((name) => name !== ""),
  );
  const priceCurrencies = computed(() => [
    ...new Set([...currencies, ...form.value.variants.flatMap(({ prices }) => Object.keys(prices))]),
  ]);
  const bodyOf = (): Body => {
    const { slug, variants, ...rest } = form.value;
    return {
      ...rest,
      ...(slug && { slug }),
      images: rest.images.filter(({ url }) => url !== ""),
      options: optionNames.value,
      variants: variants.map(({ sku, name, options, prices }) => ({
        sku: sku.trim(),
        name: name || optionNames.value.map((option) => options[option] ?? "").join(" / "),
        options: Object.fromEntries(optionNames.value.map((option) => [option, options[option] ?? ""])),
        prices: Object.entries(prices)
          .filter(([, price]) => String(price) !== "")
          .map(([currency, price]) => ({ amount: toMinor(Number(price), currency), currency })),
      })),
    };
  };

  const save = (): Promise<boolean> =>
    run(async () => {
      const saved = isNew.value
        ? await api("POST /admin/products", bodyOf(), { key: crypto.randomUUID() })
        : await api(
            "PATCH /admin/products/:id",
            { ...bodyOf(), id: id() },
            { version: product.value?.version },
          );
      cache.setQueryData(["admin", "product", saved.id], saved);
      form.value = formOf(saved);
      if (isNew.value) await router.replace({ name: "admin-product", params: { id: saved.id } });
    }, t("actions.saved"));
  const remove = (): Promise<boolean> =>
    run(async () => {
      await api("DELETE /admin/products/:id", { id: id() }, { version: product.value?.version });
      await router.replace({ name: "admin-products" });
    });
  const addVariant = (): void => {
    form.value.variants.push(blank());
  };
  return {
    form,
    product,
    isNew,
    error,
    refetch,
    words,
    isBusy,
    optionNames,
    priceCurrencies,
    save,
    remove,
    addVariant,
  };
}
