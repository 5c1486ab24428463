import { contracts } from "../services/contracts.ts";
import { callerOf, fingerprintOf } from "./fingerprint.ts";
import { answered, once, sweepKeys, type Keyed } from "./idempotency.ts";
import { sweepInbox } from "./inbox.ts";
import { Mailbox } from "./mailbox.ts";
import { writeOutbox } from "./outbox.ts";
import { inBatches, sweepEvents } from "./sweep-events.ts";
import { Relay } from "./relay.ts";
import type { SqlDatabase } from "./sql-session.ts";
import type { KeyedCall, Outcome, SqlActor, SqlStore, SqlTx } from "./sql.types.ts";
import { tracesOf } from "../tracing/traces-of.ts";
import { TracedReader } from "./traced-reader.ts";
import type { Tx } from "./transaction.ts";

const SWEEP_MS = 10 * 60 * 1000;

/** Who subscribes to an event, as the contracts say. */
export function subscribersOf(event: string): readonly string[] {
  return Object.values(contracts)
    .filter(({ receives }) => receives.includes(event))
    .map(({ name }) => name);
}

function keyOf({ meta, params, action }: KeyedCall): Keyed | undefined {
  const key = meta.idempotencyKey;
  if (key === undefined) return undefined;
  const { name = "" } = (action ?? {}) as { name?: string };
  return { caller: callerOf(meta), key, fingerprint: fingerprintOf(name, params) };
}

type Write = (tx: Tx) => Promise<unknown>;

/** Every closure is an item of its own; see `Mailbox`. */
const closure = async (tx: SqlTx, items: readonly Write[]): Promise<Outcome<unknown>[]> => [
  { ok: await (items[0] as Write)(tx as Tx) },
];

export interface KernelOptions {
  actor: SqlActor;
  database: SqlDatabase;
  subscribers(event: string): readonly string[];
  maxBatch: number | undefined;
  maxQueue: number | undefined;
}

/** What runs behind one actor's store on this node: mailbox, relay and sweeps. */
export class SqlKernel {
  readonly mailbox: Mailbox;
  readonly relay: Relay;
  readonly store: SqlStore;
  readonly #actor: SqlActor;
  #sweep: NodeJS.Timeout | undefined;

  constructor({ actor, database, subscribers, maxBatch, maxQueue }: KernelOptions) {
    const known = new Map<string, readonly string[]>();
    const cached = (event: string) => {
      const found = known.get(event) ?? subscribers(event);
      known.set(event, found);
      return found;
    };
    const warn = (text: string) => actor.logger.warn(text);
    this.#actor = actor;
    this.mailbox = new Mailbox({
      actor: actor.name,
      database,
      flush: (session, pending) =>
        writeOutbox(session, pending, {
          actor: actor.name,
          newId: actor.newId,
          timestamp: actor.timestamp,
          subscribersOf: cached,
        }),
      committed: (told) => this.relay.take(told),
      unsure: () => this.relay.forget(),
      warn,
      maxBatch,
      maxQueue,
    });
    this.store = this.#store(database);
    this.relay = new Relay({
      actor: actor.name,
      database,
      store: this.store,
      clock: actor.clock,
      traces: tracesOf(actor.broker),
      call: (action, params, options) => actor.broker.call(action, params, options),
      warn,
    });
  }

  async start(): Promise<void> {
    await this.relay.start();
    this.#sweep = setInterval(() => void this.sweep().catch(() => undefined), SWEEP_MS);
    this.#sweep.unref();
  }

  /** Forgets what is too old to matter. */
  async sweep(): Promise<void> {
    const now = this.#actor.clock.now();
    await this.store.write((tx) => tx.run(sweepKeys(now)));
    await inBatches((limit) => this.store.write((tx) => tx.run(sweepInbox(now, limit))));
    await sweepEvents(this.store, now);
  }

  async stop(): Promise<void> {
    clearInterval(this.#sweep);
    await this.relay.stop();
    await this.mailbox.close();
  }

  #store(database: SqlDatabase): SqlStore {
    const { mailbox } = this;
    const actor = this.#actor;
    const write = <R>(work: (tx: SqlTx) => Promise<R>): Promise<R> =>
      mailbox.add(undefined, closure, work) as Promise<R>;
    return {
      read: new TracedReader(actor.name, database.read),
      write,
      batch: (kind, work, entityOf) => (item) => mailbox.add(kind, work, item, entityOf),
      writeOnce(ctx, work) {
        const keyed = keyOf(ctx);
        if (keyed === undefined) return write(work);
        return write((tx) => once(tx, { keyed, meta: ctx.meta, now: actor.clock.now(), work }));
      },
      async answered(ctx) {
        const keyed = keyOf(ctx);
        return keyed && answered(this.read, keyed, ctx.meta, actor.clock.now());
      },
    };
  }
}
