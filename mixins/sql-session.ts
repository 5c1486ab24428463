import type { Row, SqlReader, Table } from "./sql.types.ts";
import type { Sql } from "./sql.ts";
import { storeError } from "./store-errors.ts";

/** One connection that writes. Errors are those of `store-errors.ts`. */
export interface SqlSession extends SqlReader {
  /** An error froze the open transaction; only an undo to a savepoint or a rollback helps. */
  readonly aborted: boolean;
  run(query: Sql): Promise<number>;
  /** What nobody counts; its error may come with a later statement, at the latest from `savepoint`, `release` or `commit`. */
  tell(query: Sql): Promise<void>;
  /** `tell` with `SqlTx.exactly`'s count. */
  exactly(count: number, query: Sql, otherwise: Error): Promise<void>;
  insert(table: string, columns: Table, rows: readonly Row[]): Promise<void>;
  begin(): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  savepoint(name: string): Promise<void>;
  release(name: string): Promise<void>;
  undoTo(name: string): Promise<void>;
}

/** One actor's database. */
export interface SqlDatabase {
  readonly read: SqlReader;
  /** The one lasting connection that writes, made anew after it was lost. */
  writer(): Promise<SqlSession>;
  /** Holds what keeps other nodes from migrating meanwhile. */
  migrating<R>(session: SqlSession, work: () => Promise<R>): Promise<R>;
  /** Where nodes share the database: a short transaction beside the mailbox's, under a lock named `line`. */
  lease?<R>(line: string, work: (session: SqlSession) => Promise<R>): Promise<R>;
  close(): Promise<void>;
}

/** Text of a statement with the dialect's placeholders, kept per call site (a template's `strings` are one object for ever). */
export function textCache(placeholder: (position: number) => string): (query: Sql) => string {
  const kept = new WeakMap<readonly string[], string>();
  return ({ strings }) => {
    let text = kept.get(strings);
    if (text === undefined) {
      text = strings[0] ?? "";
      for (let i = 1; i < strings.length; i++) text += placeholder(i) + (strings[i] as string);
      kept.set(strings, text);
    }
    return text;
  };
}

export type Bound = string | number | bigint | null;

/** Values as both databases take them; an object is a mistake of ours, as JSON is text here. */
export function bind(value: unknown): Bound {
  if (value === undefined || value === null) return null;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "string" || typeof value === "number" || typeof value === "bigint") return value;
  throw storeError("STORE_ERROR", new TypeError("a bound value must be text, a number, a boolean or null"));
}

/** Keeps the `limit` statements that were made last. */
export function statementCache<S>(limit: number, make: (text: string) => S): (text: string) => S {
  const kept = new Map<string, S>();
  return (text) => {
    let statement = kept.get(text);
    if (statement === undefined) {
      statement = make(text);
      if (kept.size >= limit) kept.delete(kept.keys().next().value as string);
      kept.set(text, statement);
    }
    return statement;
  };
}
