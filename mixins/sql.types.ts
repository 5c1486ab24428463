import type { Service } from "moleculer";
import type { EventMap } from "../services/contracts.ts";
import type { Meta } from "../contract/meta.ts";
import type { Clock, Config } from "./context.ts";
import type { ChangeRow, RowChange } from "./row-change.ts";
import type { RowLookup } from "./row-lookup.ts";
import type { Sql } from "./sql.ts";

export type { Clock } from "./context.ts";

/** A column holds text or whole numbers only, so that one schema serves SQLite and PostgreSQL; JSON and times are text. */
export type Column = "text" | "bigint";
export type Table = Readonly<Record<string, Column>>;
/** A row as the tables know it. */
export type Row = Record<string, string | number | null>;

/** Reads of committed rows, outside any transaction. */
export interface SqlReader {
  readonly dialect: "sqlite" | "postgres";
  all<R = Row>(query: Sql): Promise<R[]>;
  get<R = Row>(query: Sql): Promise<R | undefined>;
  /** The rows of these keys that there are, each once, in any order. */
  find<R>(lookup: RowLookup<R>, keys: readonly string[]): Promise<R[]>;
  /** A table of values for one statement: `` sql`... from (${tx.rows({ sku: "text" }, values)}) as d` ``. */
  rows(columns: Table, values: readonly object[]): Sql;
}

/** One transaction, or a savepoint in it. After a failed statement the whole `work` is undone, even when it caught the error. What it does is on disk when the promise of `write` or of a batch resolves, else undone. */
export interface SqlTx extends SqlReader {
  /** Number of rows changed. */
  run(query: Sql): Promise<number>;
  /** Like `run`, for what nobody counts: PostgreSQL is told together with the next statement, or at the end. */
  tell(query: Sql): Promise<void>;
  /** Like `tell`, for a write that must change exactly `count` rows: else nothing stands, and the work fails with `otherwise`. */
  exactly(count: number, query: Sql, otherwise: () => Error): Promise<void>;
  /**
   * Changes rows by their keys, told like `tell`; the keys of `rows` are distinct. With `otherwise` each must change exactly
   * one row: else nothing stands, and the work fails with it.
   */
  change<F extends string>(
    change: RowChange<F>,
    rows: readonly ChangeRow<NoInfer<F>>[],
    otherwise?: () => Error,
  ): Promise<void>;
  /** All rows at once, whatever their number; the table's columns are those of its `Table`, a missing field is null. */
  insert(table: string, columns: Table, rows: readonly Row[]): Promise<void>;
  /** `for update` on PostgreSQL, nothing on SQLite (one writer): put it behind every select that a write depends on. */
  readonly forUpdate: Sql;
  /**
   * Nothing of this was tried before. Work may then take for granted what is nearly always so (its rows are new, a row is as
   * it was seen) instead of asking, if a `UNIQUE_VIOLATION` or a `STORE_CONFLICT` tells that it was wrong: it is worked again.
   */
  readonly first: boolean;
  /** Writes a durable event and one delivery per subscriber; `entity` orders them, `version` grows per entity. */
  publish<E extends keyof EventMap & string>(
    event: E,
    of: { entity: string; version: number },
    payload: EventMap[E],
  ): void;
  /** Appends an audit entry (delivered to the audit actor through the outbox). */
  audit(entry: AuditEntry): void;
  /** Runs `work` when all this is on disk; never when it was undone, nor after a crash. It must not throw. */
  committed(work: () => void): void;
}

export interface AuditEntry {
  /** `orders.cancel`, the action that changed it. */
  action: string;
  entity: string;
  entityId: string;
  before?: unknown;
  after?: unknown;
  meta: Meta;
}

/** Outcome of one item of a batch: its answer, or the refusal that only its caller sees. */
export type Outcome<R> = { ok: R } | { error: Error };

/** Works many calls of one kind in one transaction; answers in the order of `items`. A throw makes the mailbox run them one by one. */
export type BatchWork<I, R> = (tx: SqlTx, items: readonly I[]) => Promise<Outcome<R>[]>;

/** What an `Idempotency-Key` is told by; `action` is Moleculer's, with its name. */
export interface KeyedCall {
  meta: Meta;
  params: unknown;
  action?: unknown;
}

export interface SqlStore {
  readonly read: SqlReader;
  /** Runs `work` in the mailbox's next transaction, in a savepoint of its own: a throw undoes this call only. Never await another actor inside. */
  write<R>(work: (tx: SqlTx) => Promise<R>): Promise<R>;
  /** Declares a kind of call that is worked in batches (design, section 4); call the answer to enqueue one item. `entityOf`: of the events that it publishes. */
  batch<I, R>(
    kind: string,
    work: BatchWork<I, R>,
    entityOf?: (item: NoInfer<I>) => string,
  ): (item: I) => Promise<R>;
  /**
   * `write` that answers a repeated `Idempotency-Key` with the stored result (same caller, key and params), refuses the key with
   * other params (422 `IDEMPOTENCY_KEY_REUSED`), and is plain `write` when the request has no key. Sets `meta.replayed`.
   */
  writeOnce<R>(ctx: KeyedCall, work: (tx: SqlTx) => Promise<R>): Promise<R>;
  /** What `writeOnce` would answer this key without any work; undefined when it has none, or was not seen before. */
  answered<R>(ctx: KeyedCall): Promise<{ answer: R } | undefined>;
}

/** What every actor's `this` has. */
export interface Actor extends Service {
  clock: Clock;
  config: Config;
  /** A fresh UUIDv7. */
  newId(): string;
  /** The current time as UTC ISO 8601. */
  timestamp(): string;
}

/** `this` of an actor that lives in SQL. */
export interface SqlActor extends Actor {
  store: SqlStore;
}
