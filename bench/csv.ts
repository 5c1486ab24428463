import { Readable } from "node:stream";
import type { SampleProduct, SampleVariant } from "../services/products/seed/index.ts";

/** Characters gathered before a chunk is handed on. */
const CHUNK = 65_536;
const MAIN_CURRENCY = "GBP";

interface CsvOptions {
  /** Names of all options that occur: the header comes before the rows. */
  options?: string[];
  /** Further currencies, each in a column of its own. */
  currencies?: string[];
}

/** The import format of `POST /api/v1/admin/imports`, one variant a row, as a stream of UTF-8 text. */
export function toCsv(
  products: Iterable<SampleProduct> | AsyncIterable<SampleProduct>,
  given: CsvOptions = {},
): Readable {
  const { options = ["size", "colour"], currencies = ["EUR", "USD"] } = given;
  return Readable.from(chunks(products, options, currencies), { objectMode: false });
}

async function* chunks(
  products: Iterable<SampleProduct> | AsyncIterable<SampleProduct>,
  options: string[],
  currencies: string[],
): AsyncGenerator<string> {
  let waiting = line([
    ..."sku,name,description,category,price,currency,stock,image,product".split(","),
    ...options.map((option) => `option:${option}`),
    ...currencies.map((currency) => `price:${currency}`),
  ]);
  for await (const product of products) {
    for (const variant of product.variants) waiting += row(product, variant, options, currencies);
    if (waiting.length < CHUNK) continue;
    yield waiting;
    waiting = "";
  }
  yield waiting;
}

function row(
  product: SampleProduct,
  variant: SampleVariant,
  options: string[],
  currencies: string[],
): string {
  return line([
    variant.sku,
    product.name,
    product.description,
    product.categories.at(-1) ?? "",
    priceIn(variant, MAIN_CURRENCY),
    MAIN_CURRENCY,
    String(variant.stock),
    product.images[0]?.url ?? "",
    product.slug,
    ...options.map((option) => variant.options[option] ?? ""),
    ...currencies.map((currency) => priceIn(variant, currency)),
  ]);
}

/** Decimal major units; every currency here has two digits behind the point. */
function priceIn(variant: SampleVariant, currency: string): string {
  const price = variant.prices.find((candidate) => candidate.currency === currency);
  if (!price) return "";
  const digits = String(price.amount).padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

const line = (cells: string[]): string => `${cells.map(cell).join(",")}\n`;
const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
