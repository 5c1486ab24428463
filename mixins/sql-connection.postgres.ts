import { createHash } from "node:crypto";
import type { Client } from "pg";
import pg from "pg";
import type { Sequelize } from "sequelize";
import { sql, type Sql } from "./sql.ts";
import { bind, statementCache, textCache, type SqlDatabase, type SqlSession } from "./sql-session.ts";
import { storeError } from "./store-errors.ts";
import type { Row, SqlReader, Table } from "./sql.types.ts";

const UNIQUE = "23505";
/** Deadlock, serialization failure, lock held too long. */
const CONFLICT = ["40P01", "40001", "55P03"];
/** A statement that was prepared before another node migrated, or behind a pooler: a fresh connection knows better. */
const STALE = ["0A000", "26000"];

const [BOOL, INT8, NUMERIC] = [16, 20, 1700];

/** Same values as SQLite's: whole numbers as numbers, booleans as 0 and 1. */
const types = {
  getTypeParser(oid: number, format?: string): unknown {
    if (oid === INT8 || oid === NUMERIC) return Number;
    if (oid === BOOL) return (value: string) => (value === "t" ? 1 : 0);
    return (pg.types.getTypeParser as (oid: number, format?: string) => unknown)(oid, format);
  },
} as unknown as pg.CustomTypesConfig;

const text = textCache((position) => `$${position}`);
/** One short name per text, the same on every connection, so that each prepares it once. */
const nameOf = statementCache(2000, (statement) =>
  createHash("sha256").update(statement).digest("base64url").slice(0, 40),
);

interface Manager {
  getConnection(of: { type: string }): Promise<Client>;
  releaseConnection(client: Client): Promise<void> | void;
  pool: { destroy(client: Client): Promise<void> };
}
const managerOf = (sequelize: Sequelize): Manager =>
  (sequelize as unknown as { connectionManager: Manager }).connectionManager;

const codeOf = (error: unknown): string | undefined =>
  typeof error === "object" && error !== null && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;

/** The server itself said no, and the connection goes on working. */
function isAnswer(error: unknown): boolean {
  const code = codeOf(error);
  return (
    code !== undefined &&
    /^[0-9A-Z]{5}$/.test(code) &&
    !/^(08|53|57|58|XX)/.test(code) &&
    !STALE.includes(code)
  );
}

function normalized(error: unknown): Error {
  const code = codeOf(error) ?? "";
  if (!isAnswer(error)) return storeError("STORE_UNAVAILABLE", error);
  if (CONFLICT.includes(code)) return storeError("STORE_CONFLICT", error);
  return storeError(code === UNIQUE ? "UNIQUE_VIOLATION" : "STORE_ERROR", error);
}

function rowsOf(columns: Table, values: readonly object[]): Sql {
  const fields = Object.entries(columns).map(([name, type]) => `${name} ${type}`);
  return {
    strings: ["select * from json_to_recordset(", `::json) as t(${fields.join(", ")})`],
    values: [JSON.stringify(values)],
  };
}

/** Reads on the pool's connections, one statement each. */
class PostgresReader implements SqlReader {
  readonly dialect = "postgres";
  readonly rows = rowsOf;
  readonly #manager: Manager;

  constructor(manager: Manager) {
    this.#manager = manager;
  }

  async all<R = Row>(query: Sql): Promise<R[]> {
    const client = await this.#manager.getConnection({ type: "write" }).catch((error: unknown) => {
      throw storeError("STORE_UNAVAILABLE", error);
    });
    try {
      const result = await ask(client, query);
      void this.#manager.releaseConnection(client);
      return result.rows as R[];
    } catch (error) {
      if (isAnswer(error)) void this.#manager.releaseConnection(client);
      else discard(this.#manager, client);
      throw error instanceof TypeError ? error : normalized(error);
    }
  }

  async get<R = Row>(query: Sql): Promise<R | undefined> {
    return (await this.all<R>(query))[0];
  }
}

function ask(client: Client, query: Sql): Promise<pg.QueryResult> {
  const statement = text(query);
  return client.query({ name: nameOf(statement), text: statement, values: query.values.map(bind), types });
}

/** Closes a connection that is of no more use; it may be gone from the pool already. */
function discard(manager: Manager, client: Client): void {
  Promise.resolve(manager.pool.destroy(client)).catch(() => undefined);
}

class PostgresSession implements SqlSession {
  readonly dialect = "postgres";
  readonly rows = rowsOf;
  readonly client: Client;
  aborted = false;
  lost = false;
  #inTransaction = false;
  /** A savepoint that is done with; its release travels with the next savepoint. */
  #done: string | undefined;

  constructor(client: Client) {
    this.client = client;
    const lost = () => {
      this.lost = true;
    };
    client.once("end", lost).once("error", lost);
  }

  async all<R = Row>(query: Sql): Promise<R[]> {
    return (await this.#ask(() => ask(this.client, query))).rows as R[];
  }
  async get<R = Row>(query: Sql): Promise<R | undefined> {
    return (await this.all<R>(query))[0];
  }
  async run(query: Sql): Promise<number> {
    return (await this.#ask(() => ask(this.client, query))).rowCount ?? 0;
  }
  async insert(table: string, columns: Table, rows: readonly Row[]): Promise<void> {
    const { strings, values } = rowsOf(columns, rows);
    const into = `insert into ${table} (${Object.keys(columns).join(", ")}) `;
    await this.run({ strings: [into + (strings[0] as string), ...strings.slice(1)], values });
  }

  async begin(): Promise<void> {
    this.#done = undefined;
    await this.#exec("begin");
    this.#inTransaction = true;
  }
  async commit(): Promise<void> {
    await this.#exec("commit");
    this.#inTransaction = false;
  }
  async rollback(): Promise<void> {
    this.#inTransaction = false;
    this.aborted = false;
    await this.#exec("rollback");
  }
  async savepoint(name: string): Promise<void> {
    await this.#exec(
      `${this.#done === undefined ? "" : `release savepoint ${this.#done}; `}savepoint ${name}`,
    );
    this.#done = undefined;
  }
  release(name: string): Promise<void> {
    this.#done = name;
    return Promise.resolve();
  }
  async undoTo(name: string): Promise<void> {
    await this.#exec(`rollback to savepoint ${name}`);
    this.aborted = false;
    this.#done = name;
  }

  async #exec(statement: string): Promise<void> {
    await this.#ask(() => this.client.query(statement));
  }

  async #ask<R>(work: () => Promise<R>): Promise<R> {
    if (this.lost) throw storeError("STORE_UNAVAILABLE");
    try {
      return await work();
    } catch (error) {
      if (error instanceof TypeError) throw error;
      this.aborted = this.#inTransaction;
      if (!isAnswer(error)) this.lost = true;
      throw normalized(error);
    }
  }
}

/** The writing connection and the reading pool of one PostgreSQL database, both from Sequelize's pool. */
export function postgresDatabase(sequelize: Sequelize): SqlDatabase {
  const manager = managerOf(sequelize);
  let session: PostgresSession | undefined;

  async function connect(): Promise<PostgresSession> {
    const client = await manager.getConnection({ type: "write" }).catch((error: unknown) => {
      throw storeError("STORE_UNAVAILABLE", error);
    });
    return new PostgresSession(client);
  }

  function giveBack({ client, lost }: PostgresSession): void {
    if (lost) discard(manager, client);
    else void manager.releaseConnection(client);
  }

  async function writer(): Promise<PostgresSession> {
    if (session !== undefined && !session.lost) return session;
    if (session !== undefined) giveBack(session);
    session = undefined;
    const fresh = await connect();
    // An answered commit must be on disk, whatever the server's default.
    await fresh.all(sql`select set_config('synchronous_commit', 'on', false) as durable
      where current_setting('synchronous_commit') = 'off'`);
    return (session = fresh);
  }

  async function lease<R>(line: string, work: (at: SqlSession) => Promise<R>): Promise<R> {
    const at = await connect();
    try {
      await at.begin();
      // A lease need not survive a crash; the lock is a statement of its own, so that `work` sees what its last holder did.
      await at.all(
        sql`select pg_advisory_xact_lock(hashtext(${line})), set_config('synchronous_commit', 'off', true)`,
      );
      const result = await work(at);
      await at.commit();
      return result;
    } catch (error) {
      await at.rollback().catch(() => undefined);
      throw error;
    } finally {
      giveBack(at);
    }
  }

  return {
    read: new PostgresReader(manager),
    writer,
    lease,
    async migrating(at, work) {
      await at.all(sql`select pg_advisory_lock(hashtext('valence.migrations')) as held`);
      try {
        return await work();
      } finally {
        await at
          .all(sql`select pg_advisory_unlock(hashtext('valence.migrations')) as held`)
          .catch(() => undefined);
      }
    },
    async close() {
      if (session !== undefined) giveBack(session);
      await sequelize.close();
    },
  };
}
