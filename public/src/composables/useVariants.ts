import { computed, ref, watch, type Ref } from "vue";
import type { Product, Variant } from "../api/index.ts";

/** Which variant of a product the shopper means, option by option. */
export function useVariants(product: Ref<Product | undefined>) {
  const chosen = ref<Record<string, string>>({});

  /** Starts with the first variant that can be bought. */
  watch(
    () => product.value?.id,
    () => {
      const variants = product.value?.variants ?? [];
      const start = variants.find((variant) => variant.available > 0) ?? variants[0];
      chosen.value = { ...start?.options };
    },
    { immediate: true },
  );

  const names = computed(() => product.value?.options ?? []);
  const matches = (variant: Variant, options: Record<string, string>): boolean =>
    names.value.every((name) => variant.options[name] === options[name]);
  const variant = computed(() => product.value?.variants.find((item) => matches(item, chosen.value)));

  const options = computed(() =>
    names.value.map((name) => ({
      name,
      values: [...new Set(product.value?.variants.map((item) => item.options[name] ?? ""))].map((value) => {
        const found = product.value?.variants.find((item) =>
          matches(item, { ...chosen.value, [name]: value }),
        );
        return { value, exists: found !== undefined, available: found?.available ?? 0 };
      }),
    })),
  );
  /** Choosing one value keeps the others when such a variant exists, else takes the first variant that has it. */
  const choose = (name: string, value: string): void => {
    const next = { ...chosen.value, [name]: value };
    const variants = product.value?.variants ?? [];
    const found =
      variants.find((item) => matches(item, next)) ?? variants.find((item) => item.options[name] === value);
    chosen.value = { ...(found?.options ?? next) };
  };
  return { chosen, options, variant, choose };
}
