import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import type { Sequelize } from "sequelize";
import { sql, type Sql } from "./sql.ts";
import { ask, isAnswer, normalized } from "./postgres-statements.ts";
import type { SqlDatabase, SqlSession } from "./sql-session.ts";
import { storeError } from "./store-errors.ts";
import type { Row, SqlReader, Table } from "./sql.types.ts";

const MIGRATION_WAIT_MS = 60_000;

interface Manager {
  getConnection(of: { type: string }): Promise<Client>;
  releaseConnection(client: Client): Promise<void> | void;
  pool: { destroy(client: Client): Promise<void> };
}
const managerOf = (sequelize: Sequelize): Manager =>
  (sequelize as unknown as { connectionManager: Manager }).connectionManager;

const wellFormed = (_key: string, value: unknown): unknown =>
  typeof value === "string" ? value.toWellFormed() : value;

/** JSON that PostgreSQL takes: half a surrogate pair, which `JSON.stringify` alone escapes, becomes U+FFFD. */
function toJson(values: readonly object[]): string {
  const json = JSON.stringify(values);
  return json.includes("\\ud") ? JSON.stringify(values, wellFormed) : json;
}

function rowsOf(columns: Table, values: readonly object[]): Sql {
  const fields = Object.entries(columns).map(([name, type]) => `${name} ${type}`);
  return {
    strings: ["select * from json_to_recordset(", `::json) as t(${fields.join(", ")})`],
    values: [toJson(values)],
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
      throw normalized(error);
    }
  }

  async get<R = Row>(query: Sql): Promise<R | undefined> {
    return (await this.all<R>(query))[0];
  }
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
  #last: Promise<unknown> = Promise.resolve();
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

  /** One statement at a time, also when a work starts several side by side. */
  #ask<R>(work: () => Promise<R>): Promise<R> {
    const answer = this.#last.then(() => this.#attempt(work));
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  async #attempt<R>(work: () => Promise<R>): Promise<R> {
    if (this.lost) throw storeError("STORE_UNAVAILABLE");
    try {
      return await work();
    } catch (error) {
      this.aborted = this.#inTransaction;
      if (!isAnswer(error)) this.lost = true;
      throw normalized(error);
    }
  }
}

/** Waits for the node that migrates now; asked again and again, as a waiting statement would run into its timeout. */
async function lockMigrations(at: SqlSession): Promise<void> {
  const until = Date.now() + MIGRATION_WAIT_MS;
  for (;;) {
    const row = await at.get<{ got: number }>(
      sql`select pg_try_advisory_lock(hashtext('valence.migrations')) as got`,
    );
    if (row?.got === 1) return;
    if (Date.now() > until)
      throw storeError("STORE_CONFLICT", new Error("another node migrates this database"));
    await sleep(50);
  }
}

/** A transaction that need not survive a crash, under a lock named `line`. */
async function underLock<R>(at: SqlSession, line: string, work: (at: SqlSession) => Promise<R>): Promise<R> {
  try {
    await at.begin();
    // The lock is a statement of its own, so that `work` sees what its last holder did.
    await at.all(
      sql`select pg_advisory_xact_lock(hashtext(${line})), set_config('synchronous_commit', 'off', true)`,
    );
    const result = await work(at);
    await at.commit();
    return result;
  } catch (error) {
    await at.rollback().catch(() => undefined);
    throw error;
  }
}

/** The writing connection and the reading pool of one PostgreSQL database, both from Sequelize's pool. */
export function postgresDatabase(sequelize: Sequelize): SqlDatabase {
  const manager = managerOf(sequelize);
  let session: PostgresSession | undefined;
  const sessions = new WeakMap<Client, PostgresSession>();

  async function connect(): Promise<PostgresSession> {
    const client = await manager.getConnection({ type: "write" }).catch((error: unknown) => {
      throw storeError("STORE_UNAVAILABLE", error);
    });
    const known = sessions.get(client) ?? new PostgresSession(client);
    sessions.set(client, known);
    return known;
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
      return await underLock(at, line, work);
    } finally {
      giveBack(at);
    }
  }

  return {
    read: new PostgresReader(manager),
    writer,
    lease,
    async migrating(at, work) {
      await lockMigrations(at);
      try {
        return await work();
      } finally {
        await at
          .all(sql`select pg_advisory_unlock(hashtext('valence.migrations')) as done`)
          .catch(() => undefined);
      }
    },
    async close() {
      if (session !== undefined) giveBack(session);
      await sequelize.close();
    },
  };
}
