import { decodeCursor, encodeCursor } from "./cursor.ts";
import { raw, sql, type Sql } from "./sql.ts";

export interface Order {
  /** Columns of one index, the last of them unique; names that the code chose. */
  readonly columns: readonly string[];
  /** What they hold; left out: text. */
  readonly kinds?: readonly ("string" | "integer")[];
  readonly falling: boolean;
}

/** What a list does to begin behind its cursor and go on in the order of one index: no row is read in vain. */
export function keyset(
  { columns, kinds = columns.map(() => "string" as const), falling }: Order,
  cursor: string | undefined,
): { conditions: Sql[]; order: Sql } {
  const direction = falling ? "desc" : "asc";
  const order = raw(columns.map((column) => `${column} ${direction}`).join(", "));
  if (cursor === undefined) return { conditions: [], order };
  const values = decodeCursor(cursor, kinds);
  const bound = values.slice(1).reduce<Sql>((all, value) => sql`${all}, ${value}`, sql`${values[0]}`);
  const names = raw(columns.join(", "));
  return { conditions: [falling ? sql`(${names}) < (${bound})` : sql`(${names}) > (${bound})`], order };
}

/** One page of `limit` rows out of the `limit + 1` that were asked for. */
export function pageOf<R extends object, T>(
  rows: readonly R[],
  limit: number,
  { columns }: Pick<Order, "columns">,
  to: (row: R) => T,
): { data: T[]; page: { next: string | null } } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1) as Record<string, string | number> | undefined;
  const next =
    rows.length > limit && last
      ? encodeCursor(columns.map((column) => last[column] as string | number))
      : null;
  return { data: shown.map(to), page: { next } };
}

/** `-placedAt` is the falling order of `placedAt`. */
export const parseSort = (sort: string): { name: string; falling: boolean } =>
  sort.startsWith("-") ? { name: sort.slice(1), falling: true } : { name: sort, falling: false };
