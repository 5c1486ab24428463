import { DatabaseSync } from "node:sqlite";
import { migrate, type Migration } from "../../mixins/migrations.ts";
import { raw, sql } from "../../mixins/sql.ts";
import { databaseOf, sequelizeOf } from "../../mixins/sql-database.ts";
import type { SqlDatabase, SqlSession } from "../../mixins/sql-session.ts";
import type { Row, Table } from "../../mixins/sql.types.ts";
import { Checksum, type Sum } from "./checksum.ts";

const batch = 1000;
/** Where the copy of each table stands, in the target itself: written in the transaction of the rows. */
const progress = "move_progress";

export interface Moved {
  what: string;
  from: Sum;
  to: Sum;
}
export type Tell = (what: string, done: number, of: number) => void;

interface SourceTable {
  name: string;
  ddl: string;
  columns: Table;
  /** A column that the target's database counts by itself. */
  counted: string | undefined;
  /** What its rows are read by: the columns of its key, or the number that SQLite gives a row. */
  order: readonly string[];
  rows: number;
}

const quoted = (name: string): string => `"${name}"`;

function tablesOf(source: DatabaseSync): SourceTable[] {
  const found = source
    .prepare(
      `select s.name, s.sql, l.wr from sqlite_schema s join pragma_table_list l on l.schema = 'main' and l.name = s.name
        where s.type = 'table' and s.name not like 'sqlite_%' order by s.name`,
    )
    .all() as { name: string; sql: string; wr: number }[];
  return found
    .filter(({ name }) => name !== "migrations")
    .map(({ name, sql, wr: byKey }) => {
      const fields = source.prepare(`pragma table_info(${quoted(name)})`).all() as {
        name: string;
        type: string;
        pk: number;
      }[];
      const columns = Object.fromEntries(
        fields.map((field) => [field.name, field.type.toLowerCase() === "text" ? "text" : "bigint"] as const),
      );
      const counted = fields.find(({ pk, type }) => pk === 1 && type.toLowerCase() === "integer")?.name;
      const key = fields.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
      const { n } = source.prepare(`select count(*) as n from ${quoted(name)}`).get() as { n: number };
      return {
        name,
        // PostgreSQL has one layout only.
        ddl: sql.replace(/ without rowid$/i, ""),
        columns,
        counted,
        order: byKey ? key.map((field) => quoted(field.name)) : ["rowid"],
        rows: n,
      };
    });
}

/** Refuses a database that holds anything but the beginning of this very move. */
async function open(
  session: SqlSession,
  database: SqlDatabase,
  migrations: readonly Migration[],
  now: () => string,
) {
  const tables = await session.all<{ name: string }>(
    sql`select table_name as name from information_schema.tables where table_schema = current_schema()`,
  );
  const names = new Set(tables.map(({ name }) => name));
  // The test provider's tables come beside those of payments.
  if (names.size > 0 && !names.has(progress))
    throw new Error("the database is not empty; name an empty one, or drop what is in it");
  await session.run(
    raw(
      `create table if not exists ${progress} (name text primary key, after text not null, rows bigint not null)`,
    ),
  );
  await migrate(database, migrations, now);
  return names;
}

/** Where a row stands in its table; none before the first row. */
type Position = readonly (string | number)[];

const positionOf = ({ order }: SourceTable, row: Row | undefined): Position | undefined =>
  row && order.map((_, i) => row[`$${i}`] as string | number);

function page(source: DatabaseSync, { name, columns, order }: SourceTable, after: Position): Row[] {
  const position = order.map((column, i) => `${column} as "$${i}"`);
  const behind =
    after.length === 0 ? "" : `where (${order.join(", ")}) > (${order.map(() => "?").join(", ")})`;
  return source
    .prepare(
      `select ${[...position, ...Object.keys(columns).map(quoted)].join(", ")} from ${quoted(name)} ${behind} order by ${order.join(", ")} limit ${batch}`,
    )
    .all(...after) as Row[];
}

async function copyTable(
  source: DatabaseSync,
  session: SqlSession,
  table: SourceTable,
  tell: Tell,
): Promise<void> {
  const { name, columns, rows } = table;
  const known = await session.get<{ after: string; rows: number }>(
    sql`select after, rows from move_progress where name = ${name}`,
  );
  let after = JSON.parse(known?.after ?? "[]") as Position;
  let done = known?.rows ?? 0;
  for (;;) {
    const found = page(source, table, after);
    if (found.length === 0 && known !== undefined) break;
    after = positionOf(table, found.at(-1)) ?? after;
    done += found.length;
    await session.begin();
    try {
      // What a migration wrote into a fresh table is in the source too.
      if (known === undefined && done === found.length) await session.run(raw(`delete from ${quoted(name)}`));
      if (found.length > 0) await session.insert(name, columns, found);
      await session.run(sql`insert into move_progress (name, after, rows) values (${name}, ${JSON.stringify(after)}, ${done})
        on conflict (name) do update set after = excluded.after, rows = excluded.rows`);
      await session.commit();
    } catch (error) {
      await session.rollback();
      throw error;
    }
    tell(name, done, rows);
    if (found.length < batch) break;
  }
}

async function sumOfTarget(session: SqlSession, { name, columns }: SourceTable): Promise<Sum> {
  const sum = new Checksum();
  await session.begin();
  await session.run(
    raw(
      `declare moved cursor for select ${Object.keys(columns).map(quoted).join(", ")} from ${quoted(name)}`,
    ),
  );
  for (;;) {
    const rows = await session.all<Row>(raw(`fetch ${batch} from moved`));
    for (const row of rows) sum.add(row);
    if (rows.length < batch) break;
  }
  await session.rollback();
  return sum.value;
}

function sumOfSource(source: DatabaseSync, { name, columns }: SourceTable): Sum {
  const sum = new Checksum();
  const all = source.prepare(`select ${Object.keys(columns).map(quoted).join(", ")} from ${quoted(name)}`);
  for (const row of all.iterate()) sum.add(row);
  return sum.value;
}

/** Further ids go on behind those that were moved. */
async function countOn(session: SqlSession, { name, counted }: SourceTable): Promise<void> {
  if (counted === undefined) return;
  await session.all(
    raw(
      `select setval(pg_get_serial_sequence('${name}', '${counted}'), coalesce((select max(${counted}) from ${quoted(name)}), 1))`,
    ),
  );
}

/** Copies one embedded database to PostgreSQL, table by table, and compares both sides. Goes on where it was broken off. */
export async function moveTables(
  file: string,
  actor: string,
  url: string,
  migrations: readonly Migration[],
  tell: Tell,
): Promise<Moved[]> {
  const source = new DatabaseSync(file, { readOnly: true });
  const database = await databaseOf(sequelizeOf(actor, ".", url));
  try {
    const session = await database.writer();
    const there = await open(session, database, migrations, () => new Date().toISOString());
    const tables = tablesOf(source);
    const moved: Moved[] = [];
    for (const table of tables) {
      // Tables that no migration makes: those of the test provider.
      if (migrations.length === 0 && !there.has(table.name)) await session.run(raw(table.ddl));
      await copyTable(source, session, table, tell);
      await countOn(session, table);
      const sums = { from: sumOfSource(source, table), to: await sumOfTarget(session, table) };
      moved.push({ what: `${actor}.${table.name}`, ...sums });
    }
    return moved;
  } finally {
    source.close();
    await database.close();
  }
}
