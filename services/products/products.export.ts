import { Readable } from "node:stream";
import { stringify } from "csv-stringify/sync";
import type { Handler } from "../../contract/implement.ts";
import type { ProductDocument, ProductsActor } from "./products.actor.ts";
import type contract from "./products.contract.ts";
import { decimalOf } from "./products.money.ts";

interface Columns {
  options: string[];
  currencies: string[];
}

/** A spreadsheet would run a cell that begins like a formula. */
export const safeCell = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

async function columnsOf({ documents }: ProductsActor): Promise<Columns> {
  const options = new Set<string>();
  const currencies = new Set<string>();
  for await (const page of documents.products.iterate())
    for (const product of page) {
      product.options.forEach((option) => options.add(option));
      product.variants.forEach(({ prices }) => prices.forEach(({ currency }) => currencies.add(currency)));
    }
  return { options: [...options].sort(), currencies: [...currencies].sort() };
}

const rowsOf = (product: ProductDocument, { options, currencies }: Columns): string[][] =>
  product.variants.map(({ sku, options: chosen, prices }) =>
    [
      sku,
      product.name,
      product.description,
      product.categories.join("|"),
      product.images.map(({ url }) => url).join("|"),
      product.slug,
      ...options.map((option) => chosen[option] ?? ""),
      ...currencies.map((currency) => {
        const price = prices.find((one) => one.currency === currency);
        return price ? decimalOf(price.amount, currency) : "";
      }),
    ].map(safeCell),
  );

async function* lines(actor: ProductsActor): AsyncGenerator<string> {
  const columns = await columnsOf(actor);
  const header = ["sku", "name", "description", "category", "image", "product"];
  header.push(...columns.options.map((option) => `option:${option}`));
  header.push(...columns.currencies.map((currency) => `price:${currency}`));
  yield stringify([header]);
  for await (const page of actor.documents.products.iterate())
    yield stringify(page.flatMap((product) => rowsOf(product, columns)));
}

/** Without a column of stock: what is on hand is inventory's to say, and an import without it leaves it alone. */
export const exportProducts: Handler<typeof contract, "exportProducts", ProductsActor> = function () {
  return Readable.from(lines(this), { objectMode: false });
};
