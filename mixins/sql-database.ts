import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DataTypes, Sequelize, type Model, type ModelStatic } from "sequelize";
import type * as client from "./postgres-client.ts";
import { sqliteDatabase } from "./sql-connection.sqlite.ts";
import type { SqlDatabase } from "./sql-session.ts";
import sqliteDialect from "./sqlite-dialect.ts";
import { reasonOf } from "./store-errors.ts";
import type { Table } from "./sql.types.ts";

/** The driver is loaded where it is used: it would be a part of the time of every start. */
const postgresDriver = (): object =>
  (createRequire(import.meta.url)("./postgres-client.ts") as typeof client).postgresDriver;

/** The actor's Sequelize: its PostgreSQL when there is an address, else its own file in the data folder. */
export function sequelizeOf(actor: string, dataDir: string, url: string | undefined): Sequelize {
  if (url === undefined) {
    return new Sequelize({
      dialect: "sqlite",
      storage: join(dataDir, `${actor}.sqlite`),
      dialectModule: sqliteDialect,
      logging: false,
    });
  }
  return new Sequelize(url, {
    dialect: "postgres",
    dialectModule: postgresDriver(),
    logging: false,
    pool: { max: 6, idle: 30_000, acquire: 5000 },
    dialectOptions: {
      application_name: `valence.${actor}`,
      keepAlive: true,
      connectionTimeoutMillis: 5000,
      statement_timeout: 20_000,
      query_timeout: 25_000,
      lock_timeout: 5000,
      // A frozen node must not hold its rows for longer than a saga's lease: whoever takes over needs them.
      idle_in_transaction_session_timeout: 3000,
    },
  });
}

/** The model that the adapter asks for: the actor's first table, never synced (the migrations make it). */
export function modelOf(sequelize: Sequelize, tables: Readonly<Record<string, Table>>): ModelStatic<Model> {
  const [name, table] = Object.entries(tables)[0] ?? ["inbox", { event_id: "text" }];
  const key = "id" in table ? "id" : Object.keys(table)[0];
  const attributes = Object.fromEntries(
    Object.entries(table).map(([column, type]) => [
      column,
      { type: type === "text" ? DataTypes.TEXT : DataTypes.BIGINT, primaryKey: column === key },
    ]),
  );
  return sequelize.define(name, attributes, { tableName: name, timestamps: false });
}

/** Connects within `limit` milliseconds or says why not, in one line that names what to set. */
export async function connectWithin(
  limit: number,
  actor: string,
  connect: () => Promise<void>,
): Promise<void> {
  const until = Date.now() + limit;
  for (;;) {
    const left = until - Date.now();
    const late = new AbortController();
    try {
      const overdue = sleep(left, undefined, { signal: late.signal }).then(() => {
        throw new Error("no answer");
      });
      overdue.catch(() => undefined);
      return await Promise.race([connect(), overdue]);
    } catch (error) {
      const pause = 500;
      if (Date.now() + pause >= until) {
        throw new Error(
          `${actor}: its database cannot be opened: ${reasonOf(error)}; look at ${actor.toUpperCase()}_DB_URL or DATA_DIR`,
          { cause: error },
        );
      }
      await sleep(pause);
    } finally {
      late.abort();
    }
  }
}

/** The actor's lasting connections. */
export async function databaseOf(sequelize: Sequelize): Promise<SqlDatabase> {
  if (sequelize.getDialect() !== "postgres") return sqliteDatabase(sequelize);
  const { postgresDatabase } = await import("./sql-connection.postgres.ts");
  return postgresDatabase(sequelize);
}
