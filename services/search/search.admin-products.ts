import { decodeCursor, encodeCursor } from "../../mixins/cursor.ts";
import type { Handler } from "../../contract/implement.ts";
import type { CatalogueProduct } from "../products/products.contract.ts";
import { bitsFor, type Bits } from "./search.bits.ts";
import type contract from "./search.contract.ts";
import { keepCategory } from "./search.filters.ts";
import type { SearchIndex } from "./search.index.ts";
import { byOrder } from "./search.list.ts";
import { textOf } from "./search.products.ts";
import type { SearchActor } from "./search.actor.ts";

const PAGE = 20;

/** The catalogue for staff: every status, all prices. */
export const adminProducts: Handler<typeof contract, "adminProducts", SearchActor> = function ({ params }) {
  const index = this.readyIndex();
  const { category, status, sort = "-updated" } = params;
  const rows = found(index, params.q);
  if (category !== undefined) keepCategory(index, category, rows);
  if (status !== undefined) {
    const set = index.facets.statuses.sets.get(status);
    if (set) set.and(rows);
    else rows.fill(0);
  }
  const field = sort.replace("-", "") as "name" | "updated";
  const after =
    params.cursor === undefined
      ? undefined
      : decodeCursor(params.cursor, [field === "name" ? "string" : "number", "string"]);
  const page = byOrder(index.columns.orders[field], rows, sort.startsWith("-"), after, params.limit ?? PAGE);
  return {
    data: page.rows.map((row) => index.rows.get(row) as CatalogueProduct),
    page: { next: page.next ? encodeCursor(page.next) : null },
  };
};

function found(index: SearchIndex, q: string | undefined): Bits {
  const every = bitsFor(index.capacity);
  for (const set of index.facets.statuses.sets.values()) set.or(every);
  const hits = textOf(index, q, every);
  return hits ? hits.rows.slice() : every;
}
