import { setTimeout as sleep } from "node:timers/promises";
import type { Delivery } from "../contract/actor-actions.ts";
import type { TraceBook } from "../tracing/book.ts";
import { deliverTraced } from "../tracing/deliver.ts";
import { isOutage } from "./outage.ts";
import { failure, postponement, removal, type Due, type FailedTry, type Told } from "./outbox.ts";
import { RelaySource } from "./relay-source.ts";
import { sql } from "./sql.ts";
import type { SqlDatabase } from "./sql-session.ts";
import { reasonOf } from "./store-errors.ts";
import type { Clock, SqlStore } from "./sql.types.ts";

/** Events of one call: 100 made turns of 10 ms at a subscriber, in which nobody else was answered. */
const BATCH = 50;
const TRIES = 12;
const FIRST_BACKOFF_MS = 200;
const LONGEST_BACKOFF_MS = 60_000;
const LONGEST_PAUSE_MS = 5000;
const POLL_MS = 500;
/** What is committed within this time after a wake-up goes in one delivery: one call, one commit there and one here. */
const GATHER_MS = 50;
/** The same for a line that is busy anyway: each delivery costs two commits, so many small ones would take the disk from the orders. */
const BUSY_GATHER_MS = 200;
const LOOK_EVERY = 10;
const CALL_TIMEOUT_MS = 5000;
/** Longer than a delivery can take, so that rows on their way from one node are not sent by another. */
const LEASE_MS = 2 * CALL_TIMEOUT_MS;

const dueNow = ({ seq }: Due) => ({ seq, due: 0 });

interface Answer {
  done: readonly string[];
  failed: readonly { id: string; message: string }[];
}

interface Options {
  actor: string;
  database: SqlDatabase;
  store: SqlStore;
  clock: Clock;
  traces: TraceBook | undefined;
  call(
    action: string,
    params: { from: string; events: Delivery[] },
    options: { timeout: number; retries: number },
  ): Promise<unknown>;
  warn(text: string): void;
}

/** One subscriber's line. */
interface Line {
  running: Promise<void> | undefined;
  /** More came while it ran. */
  again: boolean;
  /** Calls that failed as a whole, in a row. */
  faults: number;
  pausedUntil: number;
  /** Event by event, to find the one that makes the call fail. */
  careful: boolean;
  readonly source: RelaySource;
}

const backoff = (tries: number, longest: number): number =>
  Math.min(longest, FIRST_BACKOFF_MS * 2 ** (tries - 1)) * (0.75 + Math.random() / 2);

const delivery = ({ id, type, entity, version, at, payload, trace }: Due): Delivery => ({
  id,
  type,
  entity,
  version,
  at,
  payload: payload.value,
  ...(trace !== null && { trace }),
});

/**
 * Brings the outbox's rows to their subscribers by `<subscriber>.receive`, in order per entity. One line per subscriber,
 * woken by each commit and by a timer, so a slow subscriber holds up nobody else.
 */
export class Relay {
  readonly #options: Options;
  readonly #lines = new Map<string, Line>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #polls = 0;
  #wipes = 0;

  constructor(options: Options) {
    this.#options = options;
  }

  async start(): Promise<void> {
    await this.#look();
    this.#timer = setInterval(() => void this.#poll(), POLL_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await Promise.all([...this.#lines.values()].map(({ running }) => running ?? Promise.resolve()));
  }

  /** Takes over what a commit wrote. */
  take(told: Told): void {
    for (const [subscriber, rows] of told) this.#line(subscriber).source.take(rows);
    this.wake(told.keys());
  }

  /** The table may have what no commit handed over. */
  forget(): void {
    for (const line of this.#lines.values()) line.source.forget();
  }

  /** The table was emptied beside the deliveries: what is kept of it is not true any more. */
  wiped(): void {
    this.#wipes += 1;
    this.forget();
  }

  wake(subscribers: Iterable<string>): void {
    for (const subscriber of subscribers) {
      const line = this.#line(subscriber);
      line.again = true;
      line.running ??= sleep(GATHER_MS).then(() => this.#run(subscriber, line));
    }
  }

  /** Services came or went: whoever was out of reach may be there now. */
  retryNow(): void {
    for (const line of this.#lines.values()) line.pausedUntil = 0;
    if (this.#timer !== undefined) this.wake(this.#lines.keys());
  }

  /** Tries what has become due; where nodes share the database, also what a node left behind that is no more. */
  async #poll(): Promise<void> {
    this.wake(this.#lines.keys());
    this.#polls += 1;
    if (this.#options.database.lease !== undefined && this.#polls % LOOK_EVERY === 0) {
      await this.#look().catch(() => undefined);
    }
  }

  async #look(): Promise<void> {
    const waiting = sql`select distinct subscriber from outbox`;
    const rows = await this.#options.store.read.all<{ subscriber: string }>(waiting);
    this.wake(rows.map(({ subscriber }) => subscriber));
  }

  #line(subscriber: string): Line {
    let line = this.#lines.get(subscriber);
    if (line === undefined) {
      const { database, store, clock } = this.#options;
      const source = new RelaySource({ subscriber, database, store, clock, lease: LEASE_MS });
      line = { running: undefined, again: false, faults: 0, pausedUntil: 0, careful: false, source };
      this.#lines.set(subscriber, line);
    }
    return line;
  }

  async #run(subscriber: string, line: Line): Promise<void> {
    const { clock, actor, warn } = this.#options;
    try {
      while (line.again && !this.#stopped && clock.now() >= line.pausedUntil) {
        line.again = false;
        const rows = await line.source.next(line.careful ? 1 : BATCH);
        if (rows.length === 0) continue;
        line.again = true;
        await this.#deliver(subscriber, line, rows);
        if (rows.length > 1 && rows.length < BATCH && !this.#stopped) await sleep(BUSY_GATHER_MS);
      }
    } catch (error) {
      line.pausedUntil = clock.now() + FIRST_BACKOFF_MS;
      line.source.forget();
      if (!this.#stopped) warn(`${actor}: the outbox for ${subscriber} stands still: ${reasonOf(error)}`);
    } finally {
      line.running = undefined;
    }
  }

  async #deliver(subscriber: string, line: Line, rows: readonly Due[]): Promise<void> {
    const wipes = this.#wipes;
    const answer = await this.#send(subscriber, rows).catch((error: unknown) => ({ error }));
    // SQLite gives the numbers of an emptied table again, so they may be those of other events now. What is left comes once more.
    if (wipes !== this.#wipes) return;
    if ("error" in answer) return this.#fault(subscriber, line, rows, answer.error);
    line.faults = 0;
    line.careful = false;
    await this.#settle(line, rows, answer);
  }

  #send(subscriber: string, rows: readonly Due[]): Promise<Answer> {
    const { actor, call, traces } = this.#options;
    const options = { timeout: CALL_TIMEOUT_MS, retries: 0 };
    return deliverTraced(
      traces,
      actor,
      subscriber,
      rows.map(delivery),
      (events) => call(`${subscriber}.receive`, { from: actor, events }, options) as Promise<Answer>,
    );
  }

  async #settle(line: Line, rows: readonly Due[], { done, failed }: Answer): Promise<void> {
    const { store } = this.#options;
    if (failed.length > 0 || done.length < rows.length) line.source.forget();
    const reasons = new Map(failed.map(({ id, message }) => [id, message]));
    const finished = new Set(done);
    const gone = rows.filter(({ id }) => finished.has(id)).map(({ seq }) => ({ seq }));
    const tries = rows
      .filter(({ id }) => reasons.has(id))
      .map((row) => this.#failedTry(row, reasons.get(row.id) as string));
    const held = rows.filter(({ id }) => !finished.has(id) && !reasons.has(id));
    await store.write(async (tx) => {
      await tx.change(removal, gone);
      await tx.change(failure, tries);
      await tx.change(postponement, held.map(dueNow));
    });
  }

  #failedTry(row: Due, reason: string): FailedTry {
    const attempts = row.attempts + 1;
    const parked = attempts >= TRIES;
    if (parked) this.#options.warn(`${this.#options.actor}: parked ${row.type} ${row.id}: ${reason}`);
    const due = this.#options.clock.now() + Math.round(backoff(attempts, LONGEST_BACKOFF_MS));
    return { seq: row.seq, attempts, due, parked: parked ? 1 : 0, error: reason.slice(0, 500) };
  }

  /** The call failed as a whole: wait, and unless the subscriber is just away, look for the guilty event. */
  async #fault(subscriber: string, line: Line, rows: readonly Due[], error: unknown): Promise<void> {
    const { actor, clock, warn, store, database } = this.#options;
    if (!isOutage(error) && rows.length === 1) {
      return this.#settle(line, rows, {
        done: [],
        failed: [{ id: (rows[0] as Due).id, message: reasonOf(error) }],
      });
    }
    line.faults += 1;
    line.source.forget();
    line.careful = !isOutage(error);
    line.pausedUntil = line.careful ? 0 : clock.now() + backoff(line.faults, LONGEST_PAUSE_MS);
    if (line.faults === 5) warn(`${actor}: ${subscriber} takes no events: ${reasonOf(error)}`);
    if (database.lease === undefined) return;
    await store.write((tx) => tx.change(postponement, rows.map(dueNow)));
  }
}
