import type { Sql } from "./sql.ts";
import { raw } from "./sql.ts";
import type { Pending } from "./outbox.ts";
import type { ChangeRow, RowChange } from "./row-change.ts";
import type { RowLookup } from "./row-lookup.ts";
import type { SqlSession } from "./sql-session.ts";
import { storeError } from "./store-errors.ts";
import type { AuditEntry, Row, SqlTx, Table } from "./sql.types.ts";

const nothing = raw("");
const lock = raw(" for update");
const READ = /^\s*select\b/i;

/**
 * One scope of an open transaction: what it wrote and published can be undone alone. Its savepoint is made only before
 * its first write, so that a call which is refused before costs nothing.
 */
export class Tx implements SqlTx {
  readonly dialect: SqlSession["dialect"];
  readonly forUpdate: Sql;
  readonly pending: Pending[] = [];
  /** What is to be done when all of it is on disk. */
  readonly after: (() => void)[] = [];
  readonly first: boolean;
  /** The first failed statement; it dooms the scope even when the work caught it. */
  failure: Error | undefined;
  readonly #session: SqlSession;
  readonly #parent: Tx | undefined;
  readonly #savepoint: string | undefined;
  #open: Promise<void> | undefined;
  /** Its savepoint and those above it are made. */
  #saved = false;
  #ended = false;

  /** `depth` undefined: no savepoint, the whole transaction is the scope. */
  constructor(session: SqlSession, depth: number | undefined, first: boolean, parent?: Tx) {
    this.first = first;
    this.#session = session;
    this.#parent = parent;
    this.#savepoint = depth === undefined ? undefined : `s${depth}`;
    this.dialect = session.dialect;
    this.forUpdate = session.dialect === "postgres" ? lock : nothing;
  }

  rows(columns: Table, values: readonly object[]): Sql {
    return this.#session.rows(columns, values);
  }
  all<R = Row>(query: Sql): Promise<R[]> {
    return this.#do(READ.test(query.strings[0] ?? ""), () => this.#session.all<R>(query));
  }
  get<R = Row>(query: Sql): Promise<R | undefined> {
    return this.#do(READ.test(query.strings[0] ?? ""), () => this.#session.get<R>(query));
  }
  find<R>(lookup: RowLookup<R>, keys: readonly string[]): Promise<R[]> {
    return keys.length === 0 ? Promise.resolve([]) : this.#do(true, () => this.#session.find(lookup, keys));
  }
  run(query: Sql): Promise<number> {
    return this.#do(false, () => this.#session.run(query));
  }
  tell(query: Sql): Promise<void> {
    return this.#do(false, () => this.#session.tell(query));
  }
  exactly(count: number, query: Sql, otherwise: () => Error): Promise<void> {
    return this.#do(false, () => this.#session.exactly(count, query, otherwise));
  }
  change<F extends string>(
    change: RowChange<F>,
    rows: readonly ChangeRow<F>[],
    otherwise?: () => Error,
  ): Promise<void> {
    return rows.length === 0
      ? Promise.resolve()
      : this.#do(false, () => this.#session.change(change, rows, otherwise));
  }
  async insert(table: string, columns: Table, rows: readonly Row[]): Promise<void> {
    if (rows.length > 0) await this.#do(false, () => this.#session.insert(table, columns, rows));
  }

  publish(type: string, of: { entity: string; version: number }, payload: unknown): void {
    this.pending.push({ kind: "event", type, entity: of.entity, version: of.version, payload });
  }
  audit(entry: AuditEntry): void {
    this.pending.push({ kind: "audit", entry });
  }

  committed(work: () => void): void {
    this.after.push(work);
  }

  /** Runs `work` in a scope of its own: a throw undoes it alone, and is thrown on. */
  async scope<R>(depth: number, work: (tx: Tx) => Promise<R>): Promise<R> {
    const inner = new Tx(this.#session, depth, this.first, this);
    const result = await inner.complete(() => work(inner));
    this.pending.push(...inner.pending);
    this.after.push(...inner.after);
    return result;
  }

  /** Runs the scope's work, then keeps or undoes what it wrote. */
  async complete<R>(work: () => Promise<R>): Promise<R> {
    try {
      const result = await work();
      this.#ended = true;
      if (this.failure !== undefined) throw this.failure;
      if (this.#open !== undefined) await this.#session.release(this.#savepoint as string);
      return result;
    } catch (error) {
      this.#ended = true;
      if (this.#open !== undefined && !this.#gone) await this.#session.undoTo(this.#savepoint as string);
      // Without a savepoint of its own, a frozen transaction cannot be saved here.
      else if (this.#session.aborted && this.#parent !== undefined) this.#parent.failure ??= error as Error;
      throw error;
    }
  }

  /** SQLite rolled everything back by itself: the savepoint went with it. */
  get #gone(): boolean {
    return this.dialect === "sqlite" && this.#session.aborted;
  }

  async #do<R>(read: boolean, work: () => Promise<R>): Promise<R> {
    if (this.failure !== undefined) throw this.failure;
    // A forgotten `await` would write into somebody else's transaction.
    if (this.#ended)
      throw storeError("STORE_ERROR", new Error("the transaction is over; an await is missing"));
    try {
      const saving = read ? undefined : this.#save();
      if (saving !== undefined) await saving;
      return await work();
    } catch (error) {
      this.failure = error as Error;
      throw error;
    }
  }

  /** Undefined when there is nothing to wait for, as for all writes of a scope but its first. */
  #save(): Promise<void> | undefined {
    if (this.#saved) return undefined;
    const above = this.#parent === undefined ? undefined : this.#parent.#save();
    return this.#savepoint === undefined ? above : this.#saveAs(this.#savepoint, above);
  }

  async #saveAs(savepoint: string, above: Promise<void> | undefined): Promise<void> {
    if (above !== undefined) await above;
    await (this.#open ??= this.#session.savepoint(savepoint));
    this.#saved = true;
  }
}
