import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import { attribute, grouped, outcomes, type EntityOf, type Job } from "./mailbox-jobs.ts";
import { nobody, type Pending, type Told } from "./outbox.ts";
import type { SqlDatabase, SqlSession } from "./sql-session.ts";
import { reasonOf, storeError, typeOf } from "./store-errors.ts";
import { currentSpan, runOutside } from "../tracing/current.ts";
import { Tx } from "./transaction.ts";
import type { BatchWork, Outcome } from "./sql.types.ts";

type Result = Outcome<unknown> | "again";

/** What the work of a transaction leaves to be done with its commit: what it wants told, and what comes after. */
interface Rest {
  readonly pending: Pending[];
  readonly after: (() => void)[];
}

interface Options {
  readonly actor: string;
  readonly database: SqlDatabase;
  /** Writes what was published, just before the commit; answers who is to be told. */
  flush(session: SqlSession, pending: readonly Pending[]): Promise<Told>;
  committed(told: Told): void;
  /** A commit failed: what it wrote may stand nevertheless. */
  unsure(): void;
  warn(text: string): void;
  readonly maxBatch: number | undefined;
  readonly maxQueue: number | undefined;
}

/** Running totals since the start, `depth` the calls that wait now. */
export interface MailboxStats {
  depth: number;
  jobs: number;
  batches: number;
  commits: number;
  largest: number;
  /** Jobs that were worked once more in a transaction of their own. */
  again: number;
  failures: number;
}

const TRIES = 6;
const isError = (outcome: Outcome<unknown>): outcome is { error: Error } => "error" in outcome;
const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/**
 * The only writer of an actor's database on this node. All calls that wait at one moment are one transaction, committed
 * once, then answered. What one of them does wrong is undone and told to it alone.
 */
export class Mailbox {
  readonly stats: MailboxStats = {
    depth: 0,
    jobs: 0,
    batches: 0,
    commits: 0,
    largest: 0,
    again: 0,
    failures: 0,
  };
  readonly #options: Options;
  readonly #maxBatch: number;
  readonly #maxQueue: number;
  #queue: Job[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(options: Options) {
    this.#options = options;
    this.#maxBatch = options.maxBatch ?? 64;
    this.#maxQueue = options.maxQueue ?? 10_000;
  }

  /** Enqueues one item; the promise is settled after the commit. */
  add<I, R>(kind: string | undefined, work: BatchWork<I, R>, item: I, entityOf?: EntityOf<I>): Promise<R> {
    if (this.#closed || this.#queue.length >= this.#maxQueue) {
      return Promise.reject(
        storeError("STORE_UNAVAILABLE", new Error(this.#closed ? "stopping" : "mailbox full")),
      );
    }
    return new Promise<R>((resolve, reject) => {
      const span = currentSpan(this.#options.actor)?.child(
        "sql",
        kind === undefined ? "transaction" : `transaction ${kind}`,
      );
      const settle = (outcome: Outcome<unknown>) => {
        span?.end(isError(outcome) ? outcome.error : undefined);
        if (isError(outcome)) reject(outcome.error);
        else resolve(outcome.ok as R);
      };
      this.#queue.push({
        kind,
        work: work as BatchWork<unknown, unknown>,
        item,
        entityOf: entityOf as EntityOf<unknown> | undefined,
        span,
        settle,
      });
      this.stats.depth = this.#queue.length;
      this.#running ??= runOutside(() => this.#drain());
    });
  }

  /** Takes no more calls, and waits for those that are here. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      // One turn of the event loop: what sockets and timers brought meanwhile joins the batch.
      await turn();
      const jobs = this.#queue.slice(0, this.#maxBatch);
      this.#queue = this.#queue.slice(jobs.length);
      this.stats.depth = this.#queue.length;
      this.stats.batches += 1;
      this.stats.jobs += jobs.length;
      this.stats.largest = Math.max(this.stats.largest, jobs.length);
      await this.#work(jobs);
    }
    this.#running = undefined;
  }

  async #work(jobs: readonly Job[]): Promise<void> {
    const tags = { batch: jobs.length };
    for (const { span } of jobs) if (span !== undefined) span.tags = tags;
    if (jobs.length === 1) return this.#alone(jobs[0] as Job, true);
    try {
      const results = await this.#transact(jobs, true);
      const again: Job[] = [];
      results.forEach((result, job) => (result === "again" ? again.push(job) : job.settle(result)));
      for (const job of again) await this.#alone(job, false);
    } catch (error) {
      if (typeOf(error) === "STORE_UNAVAILABLE") return this.#fail(jobs, asError(error));
      this.stats.again += jobs.length;
      for (const job of jobs) await this.#alone(job, false);
    }
  }

  /** One job in a transaction of its own; again after a clash with another node, or when it took too much for granted. */
  async #alone(job: Job, first: boolean): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        const result = (await this.#transact([job], first && attempt === 1)).get(job) as Outcome<unknown>;
        return job.settle(result);
      } catch (error) {
        const type = typeOf(error);
        const limit = type === "STORE_CONFLICT" ? TRIES : type === "UNIQUE_VIOLATION" ? 2 : 1;
        if (attempt >= limit) return this.#fail([job], asError(error));
        this.stats.again += 1;
        await sleep(Math.random() * 5 * 2 ** attempt);
      }
    }
  }

  #fail(jobs: readonly Job[], error: Error): void {
    if (typeOf(error) === "STORE_UNAVAILABLE") {
      this.stats.failures += 1;
      this.#options.warn(`cannot write: ${reasonOf(error)}`);
    }
    for (const job of jobs) job.settle({ error });
  }

  /** Throws when nothing was committed, or when nobody knows whether it was (`STORE_UNAVAILABLE`). */
  async #transact(jobs: readonly Job[], first: boolean): Promise<Map<Job, Result>> {
    const session = await this.#options.database.writer();
    let told: Told;
    let rest: Rest;
    let committing = false;
    const results = new Map<Job, Result>();
    await session.begin();
    try {
      rest = await this.#workAll(session, jobs, first, results);
      told = rest.pending.length > 0 ? await this.#options.flush(session, rest.pending) : nobody;
      committing = true;
      await session.commit();
    } catch (error) {
      if (committing) this.#options.unsure();
      await session.rollback().catch(() => undefined);
      throw error;
    }
    this.stats.commits += 1;
    if (told.size > 0) this.#options.committed(told);
    for (const work of rest.after) work();
    return results;
  }

  async #workAll(
    session: SqlSession,
    jobs: readonly Job[],
    first: boolean,
    results: Map<Job, Result>,
  ): Promise<Rest> {
    const groups = grouped(jobs);
    // Work of a kind tells a refusal as an outcome and throws for a fault only, which is rare enough to do all anew.
    const whole = groups.length === 1 || groups.every(([job]) => job?.kind !== undefined);
    const rest: Rest = { pending: [], after: [] };
    const keep = (group: readonly Job[], found: readonly Outcome<unknown>[], tx: Tx) => {
      group.forEach((job, i) => results.set(job, found[i] as Outcome<unknown>));
      rest.pending.push(...attribute(group, tx.pending));
      rest.after.push(...tx.after);
    };
    const inScope = async (group: readonly Job[], depth: number | undefined, fresh: boolean) => {
      const tx = new Tx(session, depth, fresh);
      keep(group, await tx.complete(() => outcomes(tx, group)), tx);
    };
    for (const group of groups) {
      try {
        await inScope(group, whole ? undefined : 0, first);
      } catch (error) {
        if (whole || session.aborted || typeOf(error) === "STORE_CONFLICT") throw error;
        if (group.length === 1) results.set(group[0] as Job, this.#refused(error));
        else for (const job of group) await this.#byItself(session, job, inScope, results);
      }
    }
    return rest;
  }

  async #byItself(
    session: SqlSession,
    job: Job,
    inScope: (group: readonly Job[], depth: number, first: boolean) => Promise<void>,
    results: Map<Job, Result>,
  ): Promise<void> {
    try {
      await inScope([job], 0, false);
    } catch (error) {
      if (session.aborted || typeOf(error) === "STORE_CONFLICT") throw error;
      results.set(job, this.#refused(error));
    }
  }

  /** A row that another node wrote meanwhile, or that was taken for new, is seen by a second try, in a transaction of its own. */
  #refused(error: unknown): Result {
    if (typeOf(error) !== "UNIQUE_VIOLATION") return { error: asError(error) };
    this.stats.again += 1;
    return "again";
  }
}
