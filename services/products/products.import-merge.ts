import type { Draft } from "../../mixins/document-types.ts";
import type { ProductDocument } from "./products.actor.ts";
import type { ImportRow } from "./products.import-row.ts";
import { slugOf } from "./products.slug.ts";

type Variant = ProductDocument["variants"][number];

/** The column that a row lacks to make what is not there yet; `first` tells whether the product has a name already. */
export function missingOfNew(
  row: ImportRow,
  knownSku: boolean,
  first: { name?: string | undefined } | undefined,
): string | undefined {
  if (knownSku) return undefined;
  if (row.prices.length === 0) return "price";
  return row.name === undefined && first?.name === undefined ? "name" : undefined;
}

const last = <T>(values: readonly (T | undefined)[]): T | undefined =>
  values.findLast((value) => value !== undefined);

function variantOf(row: ImportRow, now: Variant | undefined): Variant {
  const options = Object.keys(row.options).length > 0 ? row.options : (now?.options ?? {});
  const currencies = new Set(row.prices.map(({ currency }) => currency));
  const kept = now?.prices.filter(({ currency }) => !currencies.has(currency)) ?? [];
  return {
    sku: row.sku,
    name: Object.values(options).join(" / ").slice(0, 200),
    options,
    prices: [...row.prices, ...kept],
  };
}

/** Pure: the product as it stands after its rows, in the order of the file; what the rows do not say stays. */
export function mergeRows(
  id: string,
  now: ProductDocument | undefined,
  rows: readonly ImportRow[],
): Draft<ProductDocument> {
  const variants = new Map(now?.variants.map((variant) => [variant.sku, variant]));
  for (const row of rows) variants.set(row.sku, variantOf(row, variants.get(row.sku)));
  const name = last(rows.map((row) => row.name)) ?? now?.name ?? (rows[0] as ImportRow).sku;
  const categories = last(rows.map((row) => row.categories));
  const images = last(rows.map((row) => row.images));
  const all = [...variants.values()];
  return {
    id,
    slug: now?.slug ?? last(rows.map((row) => row.product)) ?? slugOf(name),
    name,
    description: last(rows.map((row) => row.description)) ?? now?.description ?? "",
    categories: categories ? [...categories.keys()].slice(0, 20) : [...(now?.categories ?? [])],
    images: images ? images.slice(0, 30).map((url) => ({ url, alt: name })) : [...(now?.images ?? [])],
    options: [...new Set(all.flatMap(({ options }) => Object.keys(options)))],
    variants: all,
    status: now?.status ?? "active",
    rating: now?.rating ?? { average: 0, count: 0 },
  };
}
