import { EventEmitter } from "node:events";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * `node:sqlite` in the shape of the package `sqlite3`, for Sequelize's `dialectModule`; nothing has to be compiled. Every
 * connection is durable (WAL, synchronous=FULL: a commit that was answered survives a power loss); a mailbox's own syncs
 * by `wal-sync.ts` instead.
 */
export const OPEN_READONLY = 1;
export const OPEN_READWRITE = 2;
export const OPEN_CREATE = 4;

const BUSY = 5;
const LOCKED = 6;
const CONSTRAINT = 19;
const BUSY_LIMIT_MS = 5000;

type Params = unknown[] | Record<string, unknown>;
interface Changes {
  lastID: number;
  changes: number;
}
type Done = (this: Changes, error: Error | null, rows?: unknown) => void;
type Method = "run" | "all" | "get";

/** SQLite's primary result code, when the error is SQLite's. */
export const sqliteCode = (error: unknown): number | undefined =>
  typeof error === "object" && error !== null && "errcode" in error && typeof error.errcode === "number"
    ? error.errcode & 0xff
    : undefined;

/** Another connection holds the file. */
export const isBusy = (error: unknown): boolean => [BUSY, LOCKED].includes(sqliteCode(error) ?? 0);

/** Runs `work` again while another connection holds the file, without blocking the event loop. */
export async function retryBusy<R>(work: () => R, limit = BUSY_LIMIT_MS): Promise<R> {
  const until = Date.now() + limit;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || Date.now() >= until) throw error;
      await sleep(1);
    }
  }
}

/** Opens a database file the way every connection of ours must be; refuses when WAL is not to be had. */
export function openSqlite(filename: string, readOnly = false): DatabaseSync {
  const db = new DatabaseSync(filename, { readOnly, timeout: 0 });
  try {
    const mode = db.prepare("pragma journal_mode = wal").get()?.["journal_mode"];
    if (filename !== ":memory:" && mode !== "wal") {
      throw new Error(`SQLite's journal_mode is "${String(mode)}" where "wal" is needed; use a local disk`);
    }
    db.exec("pragma synchronous = full; pragma foreign_keys = on; pragma busy_timeout = 0");
    // What a savepoint may have to undo stays in memory; else it goes to a temporary file with every batch.
    db.exec("pragma temp_store = memory");
  } catch (error) {
    db.close();
    throw error;
  }
  return db;
}

function bound(value: unknown): SQLInputValue {
  if (value === undefined) return null;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value instanceof Date) return value.toISOString();
  return value as SQLInputValue;
}

function args(params: Params | null | undefined): SQLInputValue[] {
  if (params === undefined || params === null) return [];
  if (Array.isArray(params)) return params.map(bound);
  const named = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, bound(value)]));
  return Object.keys(named).length === 0 ? [] : [named as unknown as SQLInputValue];
}

/** Sequelize tells errors apart by sqlite3's codes and messages. */
function asSqlite3(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const base = sqliteCode(error);
  if (base === undefined) return error;
  const code = base === CONSTRAINT ? "SQLITE_CONSTRAINT" : base === BUSY ? "SQLITE_BUSY" : "SQLITE_ERROR";
  return Object.assign(error, { code, errno: base, message: `${code}: ${error.message}` });
}

/** A connection as Sequelize wants it; `handle` is the synchronous one below. */
export class Database extends EventEmitter {
  readonly filename: string;
  handle!: DatabaseSync;

  constructor(filename: string, mode = OPEN_READWRITE | OPEN_CREATE, opened?: (error: Error | null) => void) {
    super();
    this.filename = filename;
    let failure: Error | null = null;
    try {
      this.handle = openSqlite(filename, (mode & OPEN_READONLY) !== 0);
    } catch (error) {
      failure = asSqlite3(error);
    }
    setImmediate(() => opened?.(failure));
  }

  run(sql: string, params?: Params | Done, done?: Done): this {
    return this.#do("run", sql, params, done);
  }
  all(sql: string, params?: Params | Done, done?: Done): this {
    return this.#do("all", sql, params, done);
  }
  get(sql: string, params?: Params | Done, done?: Done): this {
    return this.#do("get", sql, params, done);
  }
  exec(sql: string, done?: (error: Error | null) => void): this {
    this.#answer(() => this.handle.exec(sql), done);
    return this;
  }
  serialize(work?: () => void): void {
    work?.();
  }
  close(done?: (error: Error | null) => void): void {
    this.#answer(() => this.handle.close(), done);
  }

  #do(method: Method, sql: string, params: Params | Done | undefined, done: Done | undefined): this {
    if (typeof params === "function") return this.#do(method, sql, undefined, params);
    const changes: Changes = { lastID: 0, changes: 0 };
    const work = () => {
      const statement = this.handle.prepare(sql);
      if (method !== "run") return statement[method](...args(params));
      const result = statement.run(...args(params));
      changes.lastID = Number(result.lastInsertRowid);
      changes.changes = Number(result.changes);
      return undefined;
    };
    // A microtask would starve timers and sockets in a loop of awaited statements.
    retryBusy(work).then(
      (rows) => setImmediate(() => done?.call(changes, null, rows)),
      (error: unknown) => setImmediate(() => done?.call(changes, asSqlite3(error))),
    );
    return this;
  }

  #answer(work: () => void, done?: (error: Error | null) => void): void {
    let failure: Error | null = null;
    try {
      work();
    } catch (error) {
      failure = asSqlite3(error);
    }
    setImmediate(() => done?.(failure));
  }
}

export default { Database, OPEN_READONLY, OPEN_READWRITE, OPEN_CREATE };
