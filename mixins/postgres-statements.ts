import { createHash } from "node:crypto";
import type pg from "pg";
import { send } from "./postgres-flight.ts";
import type { Answer } from "./postgres-answer.ts";
import type { RowLookup } from "./row-lookup.ts";
import { sql, type Sql } from "./sql.ts";
import { bind, shapeCache, statementCache, textCache } from "./sql-session.ts";
import type { Row, Table } from "./sql.types.ts";
import { storeError, typeOf } from "./store-errors.ts";

const UNIQUE = "23505";
const DIVISION_BY_ZERO = "22012";
/** Deadlock, serialization failure, lock held too long. */
const CONFLICT = ["40P01", "40001", "55P03"];
/** A statement that was prepared before another node migrated, or behind a pooler: a fresh connection knows better. */
const STALE = ["0A000", "26000"];

/** One short name per text, the same on every connection, so that each prepares it once. */
const named = statementCache(2000, (text) => ({
  text,
  name: createHash("sha256").update(text).digest("base64url").slice(0, 40),
}));
const statementOf = textCache((position) => `$${position}`, named);

const codeOf = (error: unknown): string | undefined =>
  typeof error === "object" && error !== null && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;

/** An SQLSTATE has a digit (https://www.postgresql.org/docs/current/errcodes-appendix.html); the system's EPIPE has none. */
const SQLSTATE = /^(?=.*\d)[0-9A-Z]{5}$/;
/** Failed connection, no resources, shutdown, input and output, internal error; idle or open for too long. */
const ENDED = /^(08|53|57|58|XX|25P0[34])/;

/** The server itself said no (or our own code, before), and the connection goes on working. */
export function isAnswer(error: unknown): boolean {
  if (typeOf(error) !== undefined) return true;
  const code = codeOf(error) ?? "";
  return SQLSTATE.test(code) && !ENDED.test(code) && !STALE.includes(code);
}

/** Any error of a statement as one of the store's. */
export function normalized(error: unknown): Error {
  if (typeOf(error) !== undefined) return error as Error;
  const code = codeOf(error) ?? "";
  if (!isAnswer(error)) return storeError("STORE_UNAVAILABLE", error);
  if (CONFLICT.includes(code)) return storeError("STORE_CONFLICT", error);
  return storeError(code === UNIQUE ? "UNIQUE_VIOLATION" : "STORE_ERROR", error);
}

/** Runs one statement, prepared by name. */
export function ask(client: pg.Client, query: Sql): Promise<Answer> {
  const { text, name } = statementOf(query);
  return send(client, { text, name, values: query.values.map(bind) });
}

/** Runs a write that fails by itself, so that nobody need wait for its count, when it changes any other number of rows. */
export const askExactly = (
  client: pg.Client,
  count: number,
  query: Sql,
  otherwise: () => Error,
): Promise<Answer> =>
  ask(
    client,
    sql`with changed as (${query} returning 1)
      select 1 / (case when count(*) = ${count} then 1 else 0 end) as exact from changed`,
  ).catch((error: unknown) => {
    throw codeOf(error) === DIVISION_BY_ZERO ? otherwise() : error;
  });

/** Runs a statement without values, such as `begin`. */
export const execute = (client: pg.Client, statement: string): Promise<Answer> =>
  send(client, { ...named(statement), values: [] });

const wellFormed = (_key: string, value: unknown): unknown =>
  typeof value === "string" ? value.toWellFormed() : value;

/** JSON that PostgreSQL takes: half a surrogate pair, which `JSON.stringify` alone escapes, becomes U+FFFD. */
function toJson(values: readonly object[]): string {
  const json = JSON.stringify(values);
  return json.includes("\\ud") ? JSON.stringify(values, wellFormed) : json;
}

/** How rows of these columns are sent. */
interface Shape {
  readonly names: readonly string[];
  /** One row with its values bound as they are, which costs the server a fifth to two fifths less than JSON; a batch of a quiet store is of one. */
  readonly one: readonly string[];
  /** Many rows as one bound value. */
  readonly many: readonly string[];
  /** The same behind `insert into` a table. */
  readonly inserts: Map<string, Pick<Shape, "one" | "many">>;
}

const shapeOf = shapeCache((columns): Shape => {
  const names = Object.keys(columns);
  const casts = Object.entries(columns).map(([name, type]) => `::${type} as ${name}`);
  const fields = Object.entries(columns).map(([name, type]) => `${name} ${type}`);
  return {
    names,
    one: ["select ", ...casts.map((cast, i) => (i < casts.length - 1 ? `${cast}, ` : cast))],
    many: ["select * from json_to_recordset(", `::json) as t(${fields.join(", ")})`],
    inserts: new Map(),
  };
});

function filled(
  { one, many }: Pick<Shape, "one" | "many">,
  names: readonly string[],
  rows: readonly object[],
): Sql {
  const [only] = rows as readonly Partial<Row>[];
  if (only !== undefined && rows.length === 1)
    return { strings: one, values: names.map((name) => only[name] ?? null) };
  return { strings: many, values: [toJson(rows)] };
}

/** A table of values; SQLite gains nothing by a way of its own for one row. */
export function rowsOf(columns: Table, rows: readonly object[]): Sql {
  const shape = shapeOf(columns);
  return filled(shape, shape.names, rows);
}

export function insertOf(table: string, columns: Table, rows: readonly object[]): Sql {
  const { names, one, many, inserts } = shapeOf(columns);
  let insert = inserts.get(table);
  if (insert === undefined) {
    const behind = ([first = "", ...rest]: readonly string[]): readonly string[] => [
      `insert into ${table} (${names.join(", ")}) ${first}`,
      ...rest,
    ];
    inserts.set(table, (insert = { one: behind(one), many: behind(many) }));
  }
  return filled(insert, names, rows);
}

/** All rows of a lookup; its keys in one order on every node, each once. */
export const foundBy = <R>({ key, all }: RowLookup<R>, keys: readonly string[]): Sql =>
  all(
    rowsOf(
      key,
      [...new Set(keys)].sort().map((one) => ({ key: one })),
    ),
  );
