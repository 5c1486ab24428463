import { dueRows, Payload, waitingRow, type Due, type DueRow } from "./outbox.ts";
import { sql } from "./sql.ts";
import type { SqlDatabase } from "./sql-session.ts";
import type { Clock, SqlStore } from "./sql.types.ts";

/** Most deliveries of one line that are kept in memory beside their rows. */
const MOST_AT_HAND = 500;

interface Options {
  subscriber: string;
  database: SqlDatabase;
  store: SqlStore;
  clock: Clock;
  /** Milliseconds for which rows that are taken are nobody else's. */
  lease: number;
}

/**
 * Where the next deliveries to one subscriber come from: the table; or, where no other node writes it and nothing is left of
 * before, memory, which each commit hands what it wrote. The rows stay the truth, so memory may be forgotten at any time.
 */
export class RelaySource {
  readonly #options: Options;
  /** All that the table has for this subscriber, in order; undefined: the table is to be asked. */
  #atHand: Due[] | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Takes over what a commit wrote. */
  take(rows: readonly Due[]): void {
    if (this.#atHand === undefined) return;
    if (this.#atHand.length + rows.length > MOST_AT_HAND) this.forget();
    else this.#atHand.push(...rows);
  }

  /** Something went wrong, or the table was changed beside the deliveries. */
  forget(): void {
    this.#atHand = undefined;
  }

  async next(limit: number): Promise<Due[]> {
    if (this.#atHand !== undefined) return this.#atHand.splice(0, limit);
    const { subscriber, database } = this.#options;
    const rows = await (database.lease === undefined
      ? this.#catchUp(limit)
      : this.#leased(limit, database.lease.bind(database)));
    return rows.map((row) => ({ ...row, subscriber, payload: new Payload(row.payload) }));
  }

  /** Reads in the mailbox's turn, when no commit is under way: if these are all, later ones are all handed over. */
  #catchUp(limit: number): Promise<DueRow[]> {
    const { subscriber, store, clock } = this.#options;
    return store.write(async (tx) => {
      const rows = await tx.all<DueRow>(dueRows(subscriber, clock.now(), limit));
      const all = rows.length < limit && (await tx.get(waitingRow(subscriber))) === undefined;
      if (all) this.#atHand = [];
      return rows;
    });
  }

  /** On a database that nodes share, the rows are leased in a short transaction under a lock per subscriber. */
  async #leased(limit: number, lease: NonNullable<SqlDatabase["lease"]>): Promise<DueRow[]> {
    const { subscriber, store, clock } = this.#options;
    const now = clock.now();
    const waiting = await store.read.get(dueRows(subscriber, now, 1));
    if (waiting === undefined) return [];
    return lease(subscriber, (session) =>
      session.all<DueRow>(sql`with due as (${dueRows(subscriber, now, limit)}),
        leased as (update outbox set due = ${now + this.#options.lease} where seq in (select seq from due))
        select * from due order by seq`),
    );
  }
}
