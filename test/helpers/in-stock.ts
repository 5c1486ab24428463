import type { TestStore } from "./store.ts";

/** A product of a store that was started with the sample, and a variant of it of which there are more than five. */
export async function inStock({ call }: Pick<TestStore, "call">): Promise<{ slug: string; sku: string }> {
  const { data } = await call("search.products", { currency: "GBP", inStock: true, limit: 1 });
  const [product] = data;
  const sku = product?.variants.find(({ available }) => available > 5)?.sku;
  if (product === undefined || sku === undefined) throw new Error("Nothing of the sample is in stock");
  return { slug: product.slug, sku };
}
