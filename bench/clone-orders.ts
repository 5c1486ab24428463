import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g;
/** Columns that are unique and no UUID. */
const named = new Set(["number", "key"]);
/** Files whose rows belong to orders. */
const files = /^(orders|payments|test-provider|inventory|notifications|webhooks|audit)\.sqlite$/;

interface Column {
  name: string;
  type: string;
  pk: number;
}

/** The same id in the `n`-th copy of everything. */
const copyOf = (id: string, n: number): string =>
  id.slice(0, -6) + (Number.parseInt(id.slice(-6), 16) ^ n).toString(16).padStart(6, "0");

function cloneTable(
  database: DatabaseSync,
  table: string,
  copies: number,
  fixed: ReadonlySet<string>,
): number {
  const columns = (database.prepare(`pragma table_info("${table}")`).all() as unknown as Column[]).filter(
    ({ pk, type }) => !(pk === 1 && type.toLowerCase() === "integer"),
  );
  const names = columns.map(({ name }) => `"${name}"`).join(", ");
  const rows = database.prepare(`select ${names} from "${table}"`).all() as Record<
    string,
    string | number | null
  >[];
  const counted = columns.find(({ pk, type }) => pk === 1 && type.toLowerCase() === "bigint")?.name;
  const insert = database.prepare(
    `insert or ignore into "${table}" (${names}) values (${columns.map(() => "?").join(", ")})`,
  );
  const texts = rows.map((row) => JSON.stringify(row));
  const ids = texts.map((text) => [...new Set(text.match(uuid) ?? [])].filter((id) => !fixed.has(id)));
  let made = 0;
  rows.forEach((row, at) => {
    const own = ids[at] as string[];
    if (own.length === 0) return;
    for (let n = 1; n <= copies; n++) {
      const copy = (value: string | number | null, name: string): string | number | null => {
        if (name === counted) return Number(value) + n * 10_000_000;
        if (typeof value !== "string") return value;
        if (named.has(name)) return `${value}-${n}`;
        return own.reduce((text, id) => text.replaceAll(id, copyOf(id, n)), value);
      };
      made += Number(insert.run(...columns.map(({ name }) => copy(row[name] ?? null, name))).changes);
    }
  });
  return made;
}

/** Multiplies every order of a stopped store, with all that other actors keep of it; answers how many rows were made. */
export function cloneOrders(folder: string, copies: number): number {
  const orders = new DatabaseSync(join(folder, "orders.sqlite"));
  const products = orders.prepare("select distinct product_id as id from order_lines").all() as {
    id: string;
  }[];
  orders.close();
  const fixed = new Set(products.map(({ id }) => id));
  let made = 0;
  for (const file of readdirSync(folder).filter((name) => files.test(name))) {
    const database = new DatabaseSync(join(folder, file));
    database.exec("pragma synchronous = off; pragma cache_size = -200000; begin");
    const tables = database
      .prepare("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'")
      .all() as { name: string }[];
    for (const { name } of tables)
      if (name !== "migrations" && name !== "items" && name !== "feed_head")
        made += cloneTable(database, name, copies, fixed);
    database.exec("commit");
    database.exec("pragma wal_checkpoint(truncate)");
    database.close();
  }
  return made;
}
