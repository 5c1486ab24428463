import { raw, sql, type Sql } from "./sql.ts";
import type { Table } from "./sql.types.ts";

/**
 * Rows that are found by a text key of theirs, many at once. SQLite asks for each with `one` (2 instead of 8 us a row,
 * measured); PostgreSQL asks with `all` once, and locks them in the order of their keys, so that crossing batches cannot deadlock.
 */
export interface RowLookup<R> {
  readonly key: Table;
  readonly one: string;
  all(keys: Sql): Sql;
  /** Carries the type of its rows only. */
  readonly row?: R;
}

/**
 * @param select columns of the answer, as SQL
 * @param key the column of the unique key
 * @param lock whether the rows are locked until the end of the transaction; what a write depends on must be
 */
export function lookupOf<R>(table: string, select: string, key: string, lock: boolean): RowLookup<R> {
  const one = `select ${select} from ${table} where ${key}`;
  const head = raw(`${one} in (select key from (`);
  const tail = raw(`) as d)${lock ? ` order by ${key} for update` : ""}`);
  return { key: { key: "text" }, one: `${one} = ?`, all: (keys) => sql`${head}${keys}${tail}` };
}
