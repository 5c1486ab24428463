import { createReadStream, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse";

export interface InvoiceLine {
  sku: string;
  quantity: number;
}

export interface Invoice {
  number: string;
  at: string;
  customer: string | undefined;
  country: string;
  lines: InvoiceLine[];
}

export interface Article {
  sku: string;
  name: string;
  /** Pence; the last price seen. */
  price: number;
  /** Units sold in the files. */
  sold: number;
}

export interface Retail {
  articles: Map<string, Article>;
  /** Usable invoices in the order of time. */
  invoices: Invoice[];
  cancellations: Invoice[];
  /** Codes that are no products, with the number of their lines. */
  leftOut: Map<string, number>;
  /** Lines that no order can be made of. */
  unusable: number;
  /** What the usable lines cost at the prices of their own time, in pence. */
  invoiced: number;
}

interface Row {
  InvoiceNo: string;
  StockCode: string;
  Description: string;
  Quantity: string;
  InvoiceDate: string;
  UnitPrice: string;
  CustomerID: string;
  Country: string;
}

/** Goods have five digits first, or are of the series DCGS; POST, DOT, M, D, C2, BANK CHARGES and their like are bookings. */
const isArticle = (code: string): boolean => /^(\d{5}|DCGS\d)/.test(code);

/** "2.55" to 255, without a float on the way. */
export function pence(price: string): number {
  const [pounds = "0", rest = ""] = price.split(".");
  return Number(pounds) * 100 + Number(rest.padEnd(2, "0").slice(0, 2)) + (Number(rest[2] ?? 0) >= 5 ? 1 : 0);
}

async function* rowsOf(folder: string): AsyncGenerator<Row> {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith(".csv"))
    .sort();
  if (files.length === 0) throw new Error(`There is no .csv file in ${folder}.`);
  for (const file of files)
    yield* createReadStream(join(folder, file)).pipe(
      parse({ columns: true, bom: true }),
    ) as AsyncIterable<Row>;
}

function countName(names: Map<string, Map<string, number>>, { StockCode, Description }: Row): void {
  const name = Description.trim();
  if (name === "") return;
  const counts = names.get(StockCode) ?? new Map<string, number>();
  names.set(StockCode, counts.set(name, (counts.get(name) ?? 0) + 1));
}

const mostFrequent = (counts: Map<string, number> | undefined): string | undefined =>
  [...(counts ?? [])].sort((a, b) => b[1] - a[1])[0]?.[0];

function addLine(invoices: Map<string, Invoice>, row: Row, quantity: number): void {
  const { InvoiceNo, InvoiceDate, CustomerID, Country, StockCode } = row;
  const customer = CustomerID === "" ? undefined : CustomerID.replace(/\.0$/, "");
  const invoice = invoices.get(InvoiceNo) ?? {
    number: InvoiceNo,
    at: InvoiceDate,
    customer,
    country: Country,
    lines: [],
  };
  invoice.lines.push({ sku: StockCode, quantity });
  invoices.set(InvoiceNo, invoice);
}

const inTime = (invoices: Map<string, Invoice>): Invoice[] =>
  [...invoices.values()].sort((a, b) =>
    a.at === b.at ? (a.number < b.number ? -1 : 1) : a.at < b.at ? -1 : 1,
  );

/** Reads the retailer's files: what was sold, to whom, and what was cancelled. */
export async function readRetail(folder: string): Promise<Retail> {
  const sales = new Map<string, Invoice>();
  const cancellations = new Map<string, Invoice>();
  const articles = new Map<string, Article>();
  const names = new Map<string, Map<string, number>>();
  const leftOut = new Map<string, number>();
  let unusable = 0;
  let invoiced = 0;
  for await (const row of rowsOf(folder)) {
    const { StockCode: sku, InvoiceNo } = row;
    const quantity = Number(row.Quantity);
    if (!isArticle(sku)) {
      leftOut.set(sku, (leftOut.get(sku) ?? 0) + 1);
      continue;
    }
    countName(names, row);
    if (InvoiceNo.startsWith("C")) {
      if (quantity < 0) addLine(cancellations, row, -quantity);
      else unusable += 1;
      continue;
    }
    const price = pence(row.UnitPrice);
    if (quantity <= 0 || price <= 0) {
      unusable += 1;
      continue;
    }
    addLine(sales, row, quantity);
    invoiced += price * quantity;
    const article = articles.get(sku) ?? { sku, name: sku, price, sold: 0 };
    articles.set(sku, { ...article, price, sold: article.sold + quantity });
  }
  for (const article of articles.values()) article.name = mostFrequent(names.get(article.sku)) ?? article.sku;
  return {
    articles,
    invoices: inTime(sales),
    cancellations: inTime(cancellations),
    leftOut,
    unusable,
    invoiced,
  };
}
