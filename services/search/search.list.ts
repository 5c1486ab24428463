import { bitsFor, countBits, hasBit, type Bits } from "./search.bits.ts";
import type { SearchIndex } from "./search.index.ts";
import type { Order, SortValue } from "./search.order.ts";
import { ranked } from "./search.rank.ts";
import type { TextHits } from "./search.resolve.ts";

export type Sort = "relevance" | "price" | "-price" | "newest" | "name" | "-rating";

/** One page: its rows, and behind which sort values the next one starts. */
export interface Page {
  rows: number[];
  next: SortValue[] | undefined;
}

export interface PageAsked {
  currency: string;
  sort: Sort;
  limit: number;
  after: readonly SortValue[] | undefined;
  hits: TextHits | undefined;
}

/** The types of a sort's cursor values, for `decodeCursor`. */
export function cursorTypes(sort: Sort, byText: boolean): ("string" | "number")[] {
  if (sort === "relevance") return byText ? ["number", "string"] : ["number", "number", "number", "string"];
  if (sort === "name") return ["string", "string"];
  return sort === "-rating" ? ["number", "number", "string"] : ["number", "string"];
}

export function pageOf(index: SearchIndex, among: Bits, asked: PageAsked): Page {
  const { sort, limit, after, hits } = asked;
  if (sort === "relevance")
    return hits ? byScore(index, hits, among, asked) : recommended(index, among, asked);
  const { orders } = index.columns;
  const price = index.prices.get(asked.currency)?.order;
  const [order, descending] = (
    {
      price: [price, false],
      "-price": [price, true],
      newest: [orders.newest, true],
      name: [orders.name, false],
      "-rating": [orders.rating, true],
    } as const
  )[sort];
  return order ? byOrder(order, among, descending, after, limit) : { rows: [], next: undefined };
}

export function byOrder(
  order: Order,
  among: Bits,
  descending: boolean,
  after: readonly SortValue[] | undefined,
  limit: number,
): Page {
  const rows = order.page(among, descending, after, limit + 1);
  const more = rows.length > limit;
  if (more) rows.pop();
  return { rows, next: more ? order.keyOf(rows.at(-1) as number) : undefined };
}

function byScore(index: SearchIndex, hits: TextHits, among: Bits, { limit, after }: PageAsked): Page {
  const behind = after && { score: after[0] as number, id: after[1] as string };
  const found = ranked(index, hits, among, behind, limit + 1);
  const last = found[limit - 1];
  return {
    rows: found.slice(0, limit).map(({ row }) => row),
    next: found.length > limit && last ? [last.score, index.columns.id[last.row] as string] : undefined,
  };
}

/** Without words: what can be bought before what is sold out, the best rated first. */
function recommended(index: SearchIndex, among: Bits, { limit, after }: PageAsked): Page {
  const { best } = index.columns.orders;
  const inStock = index.facets.inStock.copy(Math.max(index.capacity, 1));
  const rows: number[] = [];
  for (const stock of [1, 0]) {
    if (after && (after[0] as number) < stock) continue;
    const from = after && after[0] === stock ? after.slice(1) : undefined;
    const part = bitsFor(index.capacity);
    for (let i = 0; i < part.length; i++)
      part[i] = (among[i] ?? 0) & (stock === 1 ? (inStock[i] ?? 0) : ~(inStock[i] ?? 0));
    rows.push(...best.page(part, true, from, limit + 1 - rows.length));
    if (rows.length > limit) break;
  }
  if (rows.length <= limit) return { rows, next: undefined };
  rows.pop();
  const last = rows.at(-1) as number;
  return { rows, next: [hasBit(inStock, last) ? 1 : 0, ...best.keyOf(last)] };
}

export const total = (among: Bits): number => countBits(among);
