import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import type { Sequelize } from "sequelize";
import { PostgresSession } from "./postgres-session.ts";
import { ask, foundBy, isAnswer, normalized, rowsOf } from "./postgres-statements.ts";
import type { RowLookup } from "./row-lookup.ts";
import { sql, type Sql } from "./sql.ts";
import type { SqlDatabase, SqlSession } from "./sql-session.ts";
import { storeError } from "./store-errors.ts";
import type { Row, SqlReader } from "./sql.types.ts";

const MIGRATION_WAIT_MS = 60_000;

interface Manager {
  getConnection(of: { type: string }): Promise<Client>;
  releaseConnection(client: Client): Promise<void> | void;
  pool: { destroy(client: Client): Promise<void> };
}
const managerOf = (sequelize: Sequelize): Manager =>
  (sequelize as unknown as { connectionManager: Manager }).connectionManager;

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

  find<R>(lookup: RowLookup<R>, keys: readonly string[]): Promise<R[]> {
    return this.all<R>(foundBy(lookup, keys));
  }
}

/** Closes a connection that is of no more use; it may be gone from the pool already. */
function discard(manager: Manager, client: Client): void {
  Promise.resolve(manager.pool.destroy(client)).catch(() => undefined);
}

/**
 * An answered commit must be on disk, whatever the server's default. And all that a mailbox writes finds its rows by a
 * key: a plan is kept as long as the connection, so one made while a table was small would read the whole of it for ever.
 * A bitmap scan never marks dead entries of an index, and rows of an outbox die young: it reads more of them each time.
 */
async function prepareToWrite(at: SqlSession): Promise<void> {
  await at.all(sql`select set_config('synchronous_commit', 'on', false) as durable
    where current_setting('synchronous_commit') = 'off'`);
  await at.all(sql`select set_config(name, 'off', false) as off from pg_settings
    where name in ('enable_seqscan', 'enable_bitmapscan', 'enable_hashjoin', 'enable_mergejoin', 'jit')`);
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

/** A transaction that need not survive a crash, under a lock named `line`; it may stand idle while `work` asks others. */
async function underLock<R>(at: SqlSession, line: string, work: (at: SqlSession) => Promise<R>): Promise<R> {
  try {
    await at.begin();
    // The lock is a statement of its own, so that `work` sees what its last holder did. The connection is a reader's again after.
    await at.tell(
      sql`select pg_advisory_xact_lock(hashtext(${line})), set_config('synchronous_commit', 'off', true),
        set_config('idle_in_transaction_session_timeout', '20000', true),
        set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)`,
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
    await prepareToWrite(fresh);
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
