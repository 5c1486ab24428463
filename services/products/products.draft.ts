import type { Draft } from "../../mixins/document-types.ts";
import type { ActionMap } from "../contracts.ts";
import type { ProductDocument } from "./products.actor.ts";
import { invalidAt } from "./products.errors.ts";
import { slugOf } from "./products.slug.ts";

export type Editable = ActionMap["products.create"]["params"];

const repeated = (values: readonly string[]): number =>
  values.findIndex((value, i) => values.indexOf(value) !== i);

/** Pure: what JSON Schema cannot say about a product's variants. */
function checkVariants({ variants, options }: Pick<ProductDocument, "variants" | "options">): void {
  const twice = repeated(variants.map(({ sku }) => sku));
  if (twice >= 0) throw invalidAt(`/variants/${twice}/sku`, "stands in this product already");
  variants.forEach((variant, i) => {
    const currency = repeated(variant.prices.map((price) => price.currency));
    if (currency >= 0) throw invalidAt(`/variants/${i}/prices/${currency}/currency`, "has a price already");
    const unknown = Object.keys(variant.options).find((name) => !options.includes(name));
    if (unknown !== undefined)
      throw invalidAt(`/variants/${i}/options/${unknown}`, "is not an option of this product");
    const missing = options.find((name) => !(name in variant.options));
    if (missing !== undefined && variants.length > 1)
      throw invalidAt(`/variants/${i}/options`, `lacks the option ${missing}`);
  });
  const same = repeated(
    variants.map(({ options: chosen }) => JSON.stringify(options.map((name) => chosen[name]))),
  );
  if (same >= 0) throw invalidAt(`/variants/${same}/options`, "are those of another variant");
}

const optionsOf = (variants: Editable["variants"]): string[] => [
  ...new Set(variants.flatMap(({ options }) => Object.keys(options))),
];

/** A new product of what staff typed; the slug comes from the name when none is given. */
export function newProduct(id: string, given: Editable): Draft<ProductDocument> {
  const product = {
    id,
    slug: given.slug ?? slugOf(given.name),
    name: given.name,
    description: given.description ?? "",
    categories: given.categories ?? [],
    images: given.images ?? [],
    options: given.options ?? optionsOf(given.variants),
    variants: given.variants,
    status: given.status ?? "active",
    rating: { average: 0, count: 0 },
  } as const;
  checkVariants(product);
  return product;
}

/** The product with the given fields in the place of its own. */
export function changedProduct(now: ProductDocument, given: Partial<Editable>): Draft<ProductDocument> {
  const named = given.variants && !given.options ? { options: optionsOf(given.variants) } : {};
  const next = { ...now, ...named, ...given };
  if (given.variants ?? given.options) checkVariants(next);
  return next;
}
