import type { Handler } from "../../contract/implement.ts";
import { decodeCursor, encodeCursor } from "../../mixins/cursor.ts";
import type { ProductDocument, ProductsActor } from "./products.actor.ts";
import type contract from "./products.contract.ts";
import { decimalOf } from "./products.money.ts";
import { productOf } from "./products.view.ts";

/** Products of one part; with all their variants one part is some thousand rows. */
const pageSize = 200;

const fixed = ["sku", "name", "description", "category", "image", "product"];

/** Columns of an import that could read the whole catalogue back. */
async function columnsOf({ documents }: ProductsActor): Promise<string[]> {
  const options = new Set<string>();
  const currencies = new Set<string>();
  for await (const page of documents.products.iterate())
    for (const product of page) {
      product.options.forEach((option) => options.add(option));
      product.variants.forEach(({ prices }) => prices.forEach(({ currency }) => currencies.add(currency)));
    }
  const named = [...options].sort().map((option) => `option:${option}`);
  return [...fixed, ...named, ...[...currencies].sort().map((currency) => `price:${currency}`)];
}

/** One row a variant, in the words of an import. */
const rowsOf = (product: ProductDocument): Record<string, string>[] =>
  product.variants.map(({ sku, options, prices }) => ({
    sku,
    name: product.name,
    description: product.description,
    category: product.categories.join("|"),
    image: product.images.map(({ url }) => url).join("|"),
    product: product.slug,
    ...Object.fromEntries(Object.entries(options).map(([name, value]) => [`option:${name}`, value])),
    ...Object.fromEntries(
      prices.map(({ currency, amount }) => [`price:${currency}`, decimalOf(amount, currency)]),
    ),
  }));

/**
 * One part of the catalogue: whole products, or as CSV the rows of an import. Without a column of stock: what is on hand
 * is inventory's to say, and an import without it leaves it alone.
 */
export const exportProducts: Handler<typeof contract, "exportProducts", ProductsActor> = async function (
  ctx,
) {
  const { format = "csv", after } = ctx.params;
  const isCsv = format === "csv";
  const bound = after === undefined ? {} : { after: String(decodeCursor(after, ["string"])[0]) };
  const columns = isCsv && after === undefined ? { columns: await columnsOf(this) } : {};
  const products = await this.documents.products.range("id", { ...bound, limit: pageSize });
  const next = products.length < pageSize ? null : encodeCursor([products.at(-1)?.id ?? ""]);
  return { data: isCsv ? products.flatMap(rowsOf) : products.map(productOf), next, ...columns };
};
