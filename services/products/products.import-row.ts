import { minorUnits } from "./products.money.ts";
import { slugOf } from "./products.slug.ts";
import type { CatalogueProduct } from "./products.contract.ts";

export type CsvRow = Readonly<Record<string, string>>;
type Variant = CatalogueProduct["variants"][number];

/** One row of the file, checked. What is undefined leaves a known product's value as it is. */
export interface ImportRow {
  sku: string;
  name: string | undefined;
  description: string | undefined;
  /** Name by slug. */
  categories: Map<string, string> | undefined;
  prices: Variant["prices"];
  stock: number | undefined;
  images: string[] | undefined;
  /** Slug of the product that groups its variants; undefined when the row does not say. */
  product: string | undefined;
  options: Record<string, string>;
}

export interface RowRefusal {
  column: string;
  message: string;
}

const fixed = ["sku", "name", "description", "category", "price", "currency", "stock", "image", "product"];
const OPTION = /^option:[a-z][a-z0-9 _-]{0,39}$/;
const PRICE = /^price:[A-Z]{3}$/;
/** Columns of the file of refused rows, which may come back corrected. */
const IGNORED = /^error:(row|column|message)$/;
const SKU = /^[^\s\p{Cc}]+( [^\s\p{Cc}]+)*$/u;
const PICTURE = /^(\/[A-Za-z0-9/_.-]+|https:\/\/[^\s"'<>]+)$/;
const CURRENCY = /^[A-Z]{3}$/;
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffd]/;
const LONGEST = 10_000;

/** What is wrong with a header row; undefined when nothing is. */
export function headerFault(columns: readonly string[]): string | undefined {
  const twice = columns.find((column, i) => columns.indexOf(column) !== i);
  if (twice !== undefined) return `The column ${twice} stands there twice.`;
  if (!columns.includes("sku")) return "The column sku is missing.";
  const unknown = columns.find(
    (column) =>
      !fixed.includes(column) && !OPTION.test(column) && !PRICE.test(column) && !IGNORED.test(column),
  );
  return unknown === undefined ? undefined : `Unknown column: ${unknown.slice(0, 60)}.`;
}

/** A cell that a spreadsheet would run as a formula was written with an apostrophe before it. */
const cellOf = (row: CsvRow, column: string): string | undefined => {
  const text = (row[column] ?? "").trim().replace(/^'(?=[=+\-@])/, "");
  return text === "" ? undefined : text;
};

class Refusal extends Error {
  readonly column: string;
  constructor(column: string, message: string) {
    super(message);
    this.column = column;
  }
}

function priceOf(text: string, currency: string, column: string): Variant["prices"][number] {
  if (!CURRENCY.test(currency)) throw new Refusal("currency", "is not an ISO 4217 code in capitals");
  const amount = minorUnits(text, currency);
  if (amount === undefined) throw new Refusal(column, "is not a price in decimal major units, such as 19.99");
  return { amount, currency };
}

function pricesOf(row: CsvRow, currency: string): Variant["prices"] {
  const prices = new Map<string, Variant["prices"][number]>();
  const own = cellOf(row, "price");
  if (own !== undefined) {
    const price = priceOf(own, cellOf(row, "currency") ?? currency, "price");
    prices.set(price.currency, price);
  }
  for (const column of Object.keys(row).filter((name) => PRICE.test(name))) {
    const text = cellOf(row, column);
    if (text === undefined) continue;
    const price = priceOf(text, column.slice("price:".length), column);
    if (prices.has(price.currency)) throw new Refusal(column, "is a second price in this currency");
    prices.set(price.currency, price);
  }
  return [...prices.values()];
}

function stockOf(row: CsvRow): number | undefined {
  const text = cellOf(row, "stock");
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new Refusal("stock", "is not a whole number of units");
  return Number(text);
}

function skuOf(row: CsvRow): string {
  const sku = cellOf(row, "sku");
  if (sku === undefined) throw new Refusal("sku", "is missing");
  if (sku.length > 64 || !SKU.test(sku))
    throw new Refusal("sku", "is not a SKU: 1 to 64 characters, single blanks only");
  return sku;
}

const list = (text: string | undefined): string[] | undefined =>
  text
    ?.split("|")
    .map((part) => part.trim())
    .filter((part) => part !== "");

function imagesOf(row: CsvRow): string[] | undefined {
  const images = list(cellOf(row, "image"));
  if (images?.some((url) => url.length > 500 || !PICTURE.test(url)))
    throw new Refusal("image", "is neither an https address nor a path of this store");
  return images;
}

function optionsOf(row: CsvRow): Record<string, string> {
  const chosen = Object.keys(row).flatMap((column) => {
    const value = OPTION.test(column) ? cellOf(row, column) : undefined;
    if (value === undefined) return [];
    if (value.length > 80) throw new Refusal(column, "is longer than 80 characters");
    return [[column.slice("option:".length), value] as const];
  });
  if (chosen.length > 10) throw new Refusal("option:", "more than 10 options");
  return Object.fromEntries(chosen);
}

function check(row: CsvRow): void {
  for (const [column, text] of Object.entries(row)) {
    if (CONTROL.test(text)) throw new Refusal(column, "is not clean UTF-8 text");
    if (text.length > LONGEST) throw new Refusal(column, `is longer than ${LONGEST} characters`);
  }
}

/** Checks one row by itself; `currency` is meant where the row names none. */
export function readRow(row: CsvRow, currency: string): { row: ImportRow } | { refused: RowRefusal } {
  try {
    check(row);
    const name = cellOf(row, "name");
    if (name !== undefined && (name.length > 200 || /[\n\r\t]/.test(name)))
      throw new Refusal("name", "is longer than 200 characters or has more than one line");
    const product = cellOf(row, "product");
    const categories = list(cellOf(row, "category"))?.map(
      (text) => [slugOf(text, "category"), text.slice(0, 120)] as const,
    );
    const read: ImportRow = {
      sku: skuOf(row),
      name,
      description: cellOf(row, "description"),
      categories: categories && new Map(categories),
      prices: pricesOf(row, currency),
      stock: stockOf(row),
      images: imagesOf(row),
      product: product === undefined ? undefined : slugOf(product),
      options: optionsOf(row),
    };
    return { row: read };
  } catch (error) {
    const { column, message } = error as Refusal;
    return { refused: { column, message } };
  }
}
