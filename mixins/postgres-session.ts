import type pg from "pg";
import { commitWhole } from "./postgres-flight.ts";
import {
  ask,
  askExactly,
  execute,
  foundBy,
  insertOf,
  isAnswer,
  normalized,
  rowsOf,
} from "./postgres-statements.ts";
import type { ChangeRow, RowChange } from "./row-change.ts";
import type { RowLookup } from "./row-lookup.ts";
import type { Sql } from "./sql.ts";
import type { SqlSession } from "./sql-session.ts";
import type { Row, Table } from "./sql.types.ts";
import { storeError } from "./store-errors.ts";

/**
 * A pipelined connection that writes: what brings no answer (begin, a savepoint, what nobody counts) is sent with the next
 * statement that does, in one packet, and its error is thrown there, at the end of its scope or by the commit.
 * https://node-postgres.com/features/pipelining
 */
export class PostgresSession implements SqlSession {
  readonly dialect = "postgres";
  readonly rows = rowsOf;
  readonly client: pg.Client;
  aborted = false;
  lost = false;
  #inTransaction = false;
  /** Statements that nobody has waited for yet; what comes later is never answered before them. */
  #unheard: Promise<unknown>[] = [];
  /** Writes are among them: an error would belong to the scope that is open now. */
  #writesUnheard = false;
  /** A savepoint that is done with; its release travels with the next savepoint. */
  #done: string | undefined;

  constructor(client: pg.Client) {
    this.client = client;
    const lost = () => {
      this.lost = true;
    };
    client.once("end", lost).once("error", lost);
  }

  async all<R = Row>(query: Sql): Promise<R[]> {
    return (await this.#hear(this.#send(() => ask(this.client, query)))).rows as R[];
  }
  async get<R = Row>(query: Sql): Promise<R | undefined> {
    return (await this.all<R>(query))[0];
  }
  find<R>(lookup: RowLookup<R>, keys: readonly string[]): Promise<R[]> {
    return this.all<R>(foundBy(lookup, keys));
  }
  async run(query: Sql): Promise<number> {
    return (await this.#hear(this.#send(() => ask(this.client, query)))).count;
  }
  tell(query: Sql): Promise<void> {
    this.#later(() => ask(this.client, query));
    this.#writesUnheard = true;
    return Promise.resolve();
  }
  exactly(count: number, query: Sql, otherwise: () => Error): Promise<void> {
    this.#later(() => askExactly(this.client, count, query, otherwise));
    this.#writesUnheard = true;
    return Promise.resolve();
  }
  change<F extends string>(
    { columns, all }: RowChange<F>,
    rows: readonly ChangeRow<F>[],
    otherwise?: () => Error,
  ): Promise<void> {
    const query = all(rowsOf(columns, rows));
    return otherwise === undefined ? this.tell(query) : this.exactly(rows.length, query, otherwise);
  }
  async insert(table: string, columns: Table, rows: readonly Row[]): Promise<undefined> {
    await this.tell(insertOf(table, columns, rows));
  }

  begin(): Promise<void> {
    this.#done = undefined;
    this.#inTransaction = true;
    this.#later(() => execute(this.client, "begin"));
    return Promise.resolve();
  }
  async commit(): Promise<void> {
    const whole = commitWhole(this.client);
    // After an error nothing of it is open.
    if (whole !== undefined) this.#inTransaction = false;
    const { command } = await this.#hear(this.#send(() => whole ?? execute(this.client, "commit")));
    this.#inTransaction = false;
    // PostgreSQL answers the commit of a transaction that an error froze with a rollback.
    if (command !== "COMMIT") throw storeError("STORE_ERROR", new Error("the commit was a rollback"));
  }
  async rollback(): Promise<void> {
    const open = this.#inTransaction;
    this.#inTransaction = false;
    this.aborted = false;
    if (open) await this.#anew("rollback");
  }
  async savepoint(name: string): Promise<void> {
    if (this.#writesUnheard) await this.#hear();
    const done = this.#done;
    this.#done = undefined;
    if (done !== undefined) this.#later(() => execute(this.client, `release savepoint ${done}`));
    this.#later(() => execute(this.client, `savepoint ${name}`));
  }
  async release(name: string): Promise<void> {
    if (this.#writesUnheard) await this.#hear();
    this.#done = name;
  }
  async undoTo(name: string): Promise<void> {
    await this.#anew(`rollback to savepoint ${name}`);
    this.aborted = false;
    this.#done = name;
  }

  #later(work: () => Promise<unknown>): void {
    this.#unheard.push(this.#send(work));
  }

  #send<R>(work: () => Promise<R>): Promise<R> {
    const answer = this.lost ? Promise.reject<R>(storeError("STORE_UNAVAILABLE")) : work();
    // It is heard later, or never; an error that nobody waits for would end the process.
    answer.catch(() => undefined);
    return answer;
  }

  /** Waits for a statement and all before it; the first error counts, for those behind it are its echo. */
  async #hear(): Promise<undefined>;
  async #hear<R>(last: Promise<R>): Promise<R>;
  async #hear<R>(last?: Promise<R>): Promise<R | undefined> {
    const waiting = this.#forget();
    try {
      for (const statement of waiting) await statement;
      return await last;
    } catch (error) {
      this.aborted = this.#inTransaction;
      if (!isAnswer(error)) this.lost = true;
      throw normalized(error);
    }
  }

  /** Undoes what was sent before, its errors included. */
  async #anew(statement: string): Promise<void> {
    void this.#forget();
    await this.#hear(this.#send(() => execute(this.client, statement)));
  }

  #forget(): Promise<unknown>[] {
    const waiting = this.#unheard;
    this.#unheard = [];
    this.#writesUnheard = false;
    return waiting;
  }
}
