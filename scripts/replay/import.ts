import { Readable } from "node:stream";
import { stringify } from "csv-stringify";
import { setTimeout as delay } from "node:timers/promises";
import type { Import } from "../../services/products/products.contract.ts";
import type { Article } from "./invoices.ts";

const decimal = (pence: number): string =>
  `${Math.floor(pence / 100)}.${String(pence % 100).padStart(2, "0")}`;

/** The catalogue in the import format, one product per stock code. */
function csvOf(articles: Iterable<Article>): Readable {
  const rows = function* () {
    for (const { sku, name, price, sold } of articles)
      yield { sku, name, price: decimal(price), currency: "GBP", stock: sold };
  };
  return Readable.from(rows()).pipe(
    stringify({ header: true, columns: ["sku", "name", "price", "currency", "stock"] }),
  );
}

/** Imports through the import API and waits for its end; `progress` is told of the rows done. */
export async function importCatalogue(
  url: string,
  admin: Record<string, string>,
  articles: Iterable<Article>,
  progress: (rows: number) => void,
): Promise<Import> {
  const answer = await fetch(`${url}/api/v1/admin/imports`, {
    method: "POST",
    headers: { ...admin, "content-type": "text/csv" },
    body: Readable.toWeb(csvOf(articles)) as ReadableStream,
    duplex: "half",
  });
  if (answer.status !== 202)
    throw new Error(`The import was refused: ${answer.status} ${await answer.text()}`);
  let state = (await answer.json()) as Import;
  while (state.status === "running") {
    await delay(100);
    state = (await (
      await fetch(`${url}/api/v1/admin/imports/${state.id}`, { headers: admin })
    ).json()) as Import;
    progress(state.rows);
  }
  if (state.status === "failed" || state.failed > 0)
    throw new Error(
      `The import failed for ${state.failed} rows: ${JSON.stringify(state.errors.slice(0, 5))}`,
    );
  return state;
}
