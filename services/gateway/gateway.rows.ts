import { Readable } from "node:stream";
import type { TObject, TSchema } from "typebox";
import { columnsOf, csvHeader, csvWriter } from "../../contract/csv.ts";
import { encoder } from "./gateway.encode.ts";

/** What an action of an export answers (`rowsPage` of the contracts). */
export interface RowsPage {
  readonly data: readonly unknown[];
  readonly next: string | null;
  readonly columns?: readonly string[];
}
/** Asks for the page behind a place. */
export type More = (after: string) => Promise<RowsPage>;

export type RowsFormat = "csv" | "ndjson";

/**
 * An export as a stream: one page after the other, each asked for when the client has taken what came before, so memory
 * stays flat, and a node that goes away in between costs nothing.
 */
export function rowsStream(returns: TSchema, format: RowsFormat, first: RowsPage, more: More): Readable {
  const row = (returns as TObject).properties.data as { items?: object };
  const items = row.items ?? {};
  const columns = first.columns ?? columnsOf(items);
  const write = format === "csv" ? csvWriter(columns) : ndjsonWriter(items);
  const head = format === "csv" ? csvHeader(columns) : "";
  return Readable.from(parts(first, more, write, head), { objectMode: false });
}

function ndjsonWriter(row: TSchema): (rows: readonly unknown[]) => string {
  const encode = encoder(row);
  return (rows) => rows.map((one) => `${encode(one)}\n`).join("");
}

async function* parts(
  first: RowsPage,
  more: More,
  write: (rows: readonly unknown[]) => string,
  head: string,
): AsyncGenerator<string> {
  let page = first;
  if (head !== "") yield head;
  for (;;) {
    const text = write(page.data);
    if (text !== "") yield text;
    if (page.next === null) return;
    page = await more(page.next);
  }
}
