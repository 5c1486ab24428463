import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";

const tables = ["keys", "orders", "lines", "sagas", "changes", "events"];
const text = "x".repeat(300);
const CONNECTIONS = 8;

/** Orders a second as one durable transaction of six rows each, one after the other. */
function onSqlite(seconds: number): number {
  const folder = mkdtempSync(join(tmpdir(), "valence-bare-"));
  const database = new DatabaseSync(join(folder, "bare.sqlite"));
  database.exec("pragma journal_mode = wal; pragma synchronous = full");
  for (const table of tables)
    database.exec(`create table ${table} (id text primary key, body text not null)`);
  const inserts = tables.map((table) => database.prepare(`insert into ${table} (id, body) values (?, ?)`));
  let orders = 0;
  const started = performance.now();
  while (performance.now() - started < seconds * 1000) {
    database.exec("begin immediate");
    for (const insert of inserts) insert.run(`order-${orders}`, text);
    database.exec("commit");
    orders += 1;
  }
  const rate = (orders * 1000) / (performance.now() - started);
  database.close();
  rmSync(folder, { recursive: true, force: true });
  return rate;
}

async function onPostgres(url: string, seconds: number): Promise<number> {
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS });
  for (const table of tables)
    await pool.query(
      `drop table if exists bare_${table}; create table bare_${table} (id text primary key, body text not null)`,
    );
  let orders = 0;
  const started = performance.now();
  const work = async () => {
    const client = await pool.connect();
    while (performance.now() - started < seconds * 1000) {
      const id = `order-${(orders += 1)}`;
      await client.query("begin");
      for (const table of tables)
        await client.query({
          name: table,
          text: `insert into bare_${table} (id, body) values ($1, $2)`,
          values: [id, text],
        });
      await client.query("commit");
    }
    client.release();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  const rate = (orders * 1000) / (performance.now() - started);
  for (const table of tables) await pool.query(`drop table bare_${table}`);
  await pool.end();
  return rate;
}

/** What a database does with one durable transaction an order: [name, orders a second]. */
export async function measureTransactions(
  seconds: number,
  postgresUrl: string | undefined,
): Promise<[string, number][]> {
  const found: [string, number][] = [["bare: one node:sqlite transaction an order", onSqlite(seconds)]];
  if (postgresUrl !== undefined)
    found.push([
      `bare: one node-postgres transaction an order, ${CONNECTIONS} connections`,
      await onPostgres(postgresUrl, seconds),
    ]);
  return found;
}
