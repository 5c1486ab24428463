/** `npm run replay -- <folder>`: places a real retailer's invoices as orders over HTTP and compares every sum with the files. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import cliProgress from "cli-progress";
import { environment } from "../moleculer.config.ts";
import { HistoryWriter } from "./history.ts";
import { Client, login } from "./lib/client.ts";
import { percentile } from "./lib/percentile.ts";
import { startStoreProcess, type StoreProcess } from "./lib/store-process.ts";
import { compareRevenue, compareStock, oversell, readStock } from "./replay/compare.ts";
import { importCatalogue } from "./replay/import.ts";
import { readRetail, type Retail } from "./replay/invoices.ts";
import { placeAll, type Placed } from "./replay/place.ts";
import { returnAll, type Returned } from "./replay/returns.ts";
import { registerShoppers } from "./replay/shoppers.ts";

const help = `npm run replay -- <folder> [--shoppers <n>] [--url <store>] [--data <folder>] [--history <file>] [--limit <n>]

Reads the invoice lines in <folder> (CSV files of the Online Retail data set), imports their catalogue, registers the
customers, places every invoice as one order, turns cancellations into returns, and compares stock and sums with the files.

  --shoppers <n>      orders at once (8)
  --limit <n>         only the first n invoices (and the stock that they need)
  --data <folder>     data folder of the store that is started (a fresh temporary one)
  --history <file>    where what the clients were told is written (in the data folder)
  --url <store>       a running, empty store instead; ADMIN_EMAIL and ADMIN_PASSWORD sign in, RATE_LIMITS=off there
Exit code 1 when any figure differs.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    shoppers: { type: "string", default: "8" },
    limit: { type: "string" },
    url: { type: "string" },
    data: { type: "string" },
    history: { type: "string" },
    help: { type: "boolean" },
  },
});

const pounds = (pence: number): string =>
  `£${(pence / 100).toLocaleString("en-GB", { minimumFractionDigits: 2 })}`;

/** Runs `work` under a progress bar (or a line, where no terminal listens). */
async function step<R>(
  name: string,
  total: number,
  work: (progress: (n?: number) => void) => Promise<R>,
): Promise<R> {
  const bar = new cliProgress.SingleBar(
    {
      format: `${name.padEnd(22)} {bar} {value}/{total} {duration_formatted}`,
      hideCursor: true,
      noTTYOutput: true,
      notTTYSchedule: 2000,
    },
    cliProgress.Presets.shades_classic,
  );
  bar.start(total, 0);
  try {
    return await work((n) => (n === undefined ? bar.increment() : bar.update(n)));
  } finally {
    bar.stop();
  }
}

/** The first invoices alone, with an opening stock of just what they sell. */
function limited(retail: Retail, limit: number): Retail {
  const invoices = retail.invoices.slice(0, limit);
  const sold = new Map<string, number>();
  for (const { lines } of invoices)
    for (const { sku, quantity } of lines) sold.set(sku, (sold.get(sku) ?? 0) + quantity);
  const articles = new Map(
    [...retail.articles]
      .filter(([sku]) => sold.has(sku))
      .map(([sku, article]) => [sku, { ...article, sold: sold.get(sku) ?? 0 }]),
  );
  const last = invoices.at(-1)?.at ?? "";
  return {
    ...retail,
    invoices,
    articles,
    cancellations: retail.cancellations.filter((one) => one.at <= last),
  };
}

async function storeFor(
  data: string,
): Promise<{ url: string; store?: StoreProcess; email: string; password: string }> {
  const {
    ADMIN_EMAIL: email = "admin@example.com",
    ADMIN_PASSWORD: password = randomBytes(12).toString("base64url"),
  } = environment();
  if (values.url !== undefined) return { url: values.url, email, password };
  const store = await startStoreProcess({
    DATA_DIR: data,
    ADMIN_EMAIL: email,
    ADMIN_PASSWORD: password,
    RATE_LIMITS: "off",
    SAMPLE_DATA: "off",
  });
  console.log(
    `The store is at ${store.url}, ready after ${Math.round(store.readyAfter)} ms; its data lies in ${data}`,
  );
  return { url: store.url, store, email, password };
}

function report(retail: Retail, returned: Returned, wrong: readonly string[]): number {
  const left = [...retail.leftOut].map(([code, lines]) => `${code} (${lines})`).join(", ");
  console.log(
    `Left out as no products: ${left || "none"}; ${retail.unusable} further lines without a quantity or price`,
  );
  console.log(
    `Returned                 ${[...returned.units.values()].reduce((a, b) => a + b, 0)} units of ${returned.orders} orders, refunds ${pounds(returned.refunded)}; ${returned.unmatched} cancelled lines match no order`,
  );
  console.log(`The invoices' own sum    ${pounds(retail.invoiced)} (for information: prices moved)`);
  for (const line of wrong.slice(0, 20)) console.log(`WRONG: ${line}`);
  console.log(wrong.length === 0 ? "Every figure agrees." : `${wrong.length} figures differ.`);
  return wrong.length === 0 ? 0 : 1;
}

interface Session {
  retail: Retail;
  url: string;
  client: Client;
  history: HistoryWriter;
  email: string;
  password: string;
}

/** Imports, registers, places, sends back; then compares everything with the files. */
async function run({ retail, url, client, history, email, password }: Session): Promise<number> {
  const mark = randomBytes(6).toString("base64url");
  const { articles, invoices, cancellations } = retail;
  const admin = await login(client, email, password);
  await step("Importing", articles.size, (progress) =>
    importCatalogue(url, admin, articles.values(), progress),
  );
  const customers = [...new Set(invoices.flatMap((invoice) => invoice.customer ?? []))];
  const shoppers = await step("Registering", customers.length, (progress) =>
    registerShoppers(client, customers, mark, progress),
  );
  const started = performance.now();
  const sale = await step("Placing orders", invoices.length, (progress) =>
    placeAll({ client, shoppers, history, run: mark }, invoices, Number(values.shoppers), progress),
  );
  const seconds = (performance.now() - started) / 1000;
  const again = await login(client, email, password);
  const work = { cancellations, placed: sale.placed, run: mark };
  const returned = await step("Returns", cancellations.length, (progress) =>
    returnAll(client, again, work, progress),
  );
  const stock = await readStock(client, again);
  const { ours, files, lines } = compareRevenue(retail, sale.placed);
  const wrong = compareStock(retail, stock, returned);
  if (ours !== files) wrong.push(`line totals ${pounds(ours)}, the files say ${pounds(files)}`);
  wrong.push(
    ...(await step("One too many", articles.size, (progress) => oversell(client, stock, retail, progress))),
  );
  printSale(sale, seconds, { ours, files, lines });
  console.log(
    `Stock left               ${[...stock.values()].reduce((sum, item) => sum + item.available, 0)} units of ${stock.size} SKUs`,
  );
  return report(retail, returned, wrong);
}

function printSale(
  { placed, times }: { placed: Placed[]; times: number[] },
  seconds: number,
  sums: { ours: number; files: number; lines: number },
): void {
  const sorted = [...times].sort((a, b) => a - b);
  const of = (pick: (order: Placed["order"]) => number) =>
    pounds(placed.reduce((sum, { order }) => sum + pick(order), 0));
  const pace = `${(placed.length / seconds).toFixed(0)} orders/s with ${values.shoppers} at once`;
  const times99 = `p50 ${percentile(sorted, 0.5).toFixed(1)} ms, p99 ${percentile(sorted, 0.99).toFixed(1)} ms`;
  console.log(`\nOrders                   ${placed.length} of ${sums.lines} lines, ${pace}, ${times99}`);
  console.log(
    `Line totals              ${pounds(sums.ours)}, from the files ${pounds(sums.files)}; beside it shipping ${of((order) => order.shipping.amount)}, tax ${of((order) => order.tax.amount)}`,
  );
}

async function replay(folder: string): Promise<number> {
  const all = await readRetail(folder);
  const retail = values.limit === undefined ? all : limited(all, Number(values.limit));
  console.log(
    `${retail.invoices.length} invoices, ${retail.cancellations.length} cancellations, ${retail.articles.size} stock codes`,
  );
  const data = values.data ?? mkdtempSync(join(tmpdir(), "valence-replay-"));
  mkdirSync(data, { recursive: true });
  const { url, store, email, password } = await storeFor(data);
  const history = new HistoryWriter(values.history ?? join(data, "history.jsonl"));
  const client = new Client(url);
  try {
    return await run({ retail, url, client, history, email, password });
  } finally {
    client.close();
    await history.close();
    await store?.stop();
  }
}

const [folder] = positionals;
if (values.help || folder === undefined) {
  console.log(help);
  process.exitCode = values.help ? 0 : 2;
} else if (!existsSync(folder)) {
  console.error(`There is no folder ${folder}. It should hold the CSV files of the Online Retail data set.`);
  process.exitCode = 2;
} else process.exitCode = await replay(folder);
