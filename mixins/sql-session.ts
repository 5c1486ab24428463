import type { ChangeRow, RowChange } from "./row-change.ts";
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
  exactly(count: number, query: Sql, otherwise: () => Error): Promise<void>;
  /** `tell` or `exactly` of a change of many rows. */
  change<F extends string>(
    change: RowChange<F>,
    rows: readonly ChangeRow<F>[],
    otherwise?: () => Error,
  ): Promise<void>;
  /** Answers the number (`seq`) of the last row where the database tells it on the way; those of the rows follow one another. */
  insert(table: string, columns: Table, rows: readonly Row[]): Promise<number | undefined>;
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

/**
 * What `make` makes of a statement's text with the dialect's placeholders, kept per call site: a template's `strings` are one
 * object for ever, so are those that are spliced of the same parts.
 */
export function textCache<T extends object | string>(
  placeholder: (position: number) => string,
  make: (text: string) => T,
): (query: Sql) => T {
  const kept = new WeakMap<readonly string[], T>();
  return ({ strings }) => {
    let made = kept.get(strings);
    if (made === undefined) {
      made = make(strings.reduce((text, part, i) => (i === 0 ? part : text + placeholder(i) + part), ""));
      kept.set(strings, made);
    }
    return made;
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

/** What `make` makes of columns, kept by the table's object; columns that are written where they are used are known by what they say. */
export function shapeCache<S>(make: (columns: Table) => S): (columns: Table) => S {
  const kept = new WeakMap<Table, S>();
  const said = new Map<string, S>();
  return (columns) => {
    let shape = kept.get(columns);
    if (shape === undefined) {
      const words = Object.entries(columns).join();
      shape = said.get(words) ?? make(columns);
      said.set(words, shape);
      kept.set(columns, shape);
    }
    return shape;
  };
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
