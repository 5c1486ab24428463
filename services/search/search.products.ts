import { decodeCursor, encodeCursor } from "../../mixins/cursor.ts";
import { refuse } from "../../contract/errors.ts";
import type { Handler } from "../../contract/implement.ts";
import { intersects, type Bits } from "./search.bits.ts";
import type contract from "./search.contract.ts";
import { facetCounts } from "./search.counts.ts";
import { filtersOf, narrowed } from "./search.filters.ts";
import type { SearchIndex } from "./search.index.ts";
import { cursorTypes, pageOf, total, type PageAsked, type Sort } from "./search.list.ts";
import { resolve, type TextHits } from "./search.resolve.ts";
import type { SearchActor } from "./search.actor.ts";

const PAGE = 20;

/** Products by text, filters and sort. Answers from memory and the local index alone; nothing is awaited. */
export const products: Handler<typeof contract, "products", SearchActor> = function ({ params }) {
  const index = this.readyIndex();
  const currency = params.currency ?? this.config.currency;
  const sold = index.sold(currency).copy(index.capacity);
  const hits = textOf(index, params.q, sold);
  const all = hits?.rows ?? sold;
  const filters = filtersOf(index, currency, params);
  const rows = filters.length > 0 ? narrowed(all, filters) : all;
  const sort = params.sort ?? "relevance";
  const page = pageOf(index, rows, {
    currency,
    sort,
    limit: params.limit ?? PAGE,
    after: params.cursor === undefined ? undefined : placeOf(params.cursor, sort, hits),
    hits,
  });
  return {
    data: page.rows.map((row) => index.rows.card(row, currency)),
    page: { next: page.next ? encodeCursor([markOf(sort, hits), ...page.next]) : null },
    total: total(rows),
    ...(params.facets ? { facets: facetCounts(index, currency, all, filters) } : {}),
    ...(hits?.didYouMean !== undefined && intersects(hits.rows, sold) ? { didYouMean: hits.didYouMean } : {}),
  };
};

/** The hits of a text; undefined when none was given. What has no word in it finds nothing. */
export function textOf(index: SearchIndex, typed: string | undefined, visible: Bits): TextHits | undefined {
  if (typed === undefined || typed.trim() === "") return undefined;
  return bySku(index, typed.trim(), visible) ?? resolve(index, typed, visible);
}

/** A SKU as it is finds its product alone. */
function bySku(index: SearchIndex, typed: string, visible: Bits): TextHits | undefined {
  const row = index.rows.rowOfSku(typed) ?? index.rows.rowOfSku(typed.toUpperCase());
  if (row === undefined) return undefined;
  const rows = new Uint32Array(visible.length);
  rows[row >>> 5] = (visible[row >>> 5] ?? 0) & (1 << (row & 31));
  if (!intersects(rows, visible)) return undefined;
  return { rows, words: [{ whole: rows, name: rows, categories: rows, any: rows }], text: typed };
}

/** Tells the cursors of different sorts apart. */
const markOf = (sort: Sort, hits: TextHits | undefined): string =>
  hits && sort === "relevance" ? "text" : sort;

function placeOf(cursor: string, sort: Sort, hits: TextHits | undefined): PageAsked["after"] {
  const [mark, ...values] = decodeCursor(cursor, ["string", ...cursorTypes(sort, hits !== undefined)]);
  if (mark !== markOf(sort, hits))
    throw refuse(422, "CURSOR_INVALID", "This cursor was made for another sort.", {
      errors: [{ pointer: "/cursor", message: "is not a cursor of this list" }],
    });
  return values;
}
