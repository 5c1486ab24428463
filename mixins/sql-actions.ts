import type { Context } from "moleculer";
import { actorActions, type Delivery } from "../contract/actor-actions.ts";
import { receiveTraced } from "../tracing/deliver.ts";
import { tracesOf } from "../tracing/traces-of.ts";
import { receiveAll, type Received } from "./inbox.ts";
import type { Mailbox } from "./mailbox.ts";
import { backlog, parkedRows, resendRow } from "./outbox.ts";
import type { SqlKernel } from "./sql-kernel.ts";
import type { SqlActor, SqlTx } from "./sql.types.ts";
import type { Tx } from "./transaction.ts";

type Receive<Taken> = (this: SqlActor, tx: SqlTx, taken: Taken) => Promise<void>;
/** Takes one event, or all those of its kind that follow one another in a delivery. */
export type Receiver<Event> = Receive<Event> | { all: Receive<readonly Event[]> };

/** What an actor does with the durable events that it receives, by their names. */
export type Handlers = Readonly<Record<string, Receiver<Delivery> | undefined>>;

/** How an actor takes whole deliveries at once, for those that treat all events alike. */
export interface ReceivesAll {
  /** Works the events that are new, in the transaction that writes their inbox rows. */
  work(this: SqlActor, tx: SqlTx, events: readonly Delivery[]): Promise<void>;
}

/** `this` inside the mixin. */
export interface StoreActor extends SqlActor {
  mailbox: Mailbox;
  $kernel: SqlKernel | undefined;
}

interface Backlog {
  total: number;
  parked: number;
  oldest: string | null;
}

const action = (
  name: keyof typeof actorActions,
  handler: (this: StoreActor, ctx: Context<never>) => unknown,
) => ({ ...actorActions[name], visibility: "public", handler });

/** Events of one kind that follow one another. */
function runsOf(events: readonly Delivery[]): Delivery[][] {
  const runs: Delivery[][] = [];
  for (const event of events) {
    const last = runs.at(-1);
    if (last?.[0]?.type === event.type) last.push(event);
    else runs.push([event]);
  }
  return runs;
}

async function workRun(
  actor: SqlActor,
  tx: SqlTx,
  run: readonly Delivery[],
  handlers: Handlers,
): Promise<void> {
  const { type } = run[0] as Delivery;
  const handler = handlers[type];
  if (handler === undefined) throw new Error(`${actor.name} does not receive ${type}`);
  if ("all" in handler) return handler.all.call(actor, tx, run);
  for (const event of run) await handler.call(actor, tx, event);
}

/** Works a delivery in one transaction. */
const taker =
  (handlers: Handlers, all: ReceivesAll | undefined) =>
  (actor: StoreActor, events: readonly Delivery[]): Promise<Received> => {
    const at = actor.timestamp();
    const inTurn: ReceivesAll["work"] = async (tx, fresh) => {
      for (const run of runsOf(fresh)) await workRun(actor, tx, run, handlers);
    };
    const work = (tx: SqlTx, fresh: readonly Delivery[]) => (all?.work ?? inTurn).call(actor, tx, fresh);
    return actor.store.write((tx) => receiveAll(tx as Tx, events, work, at));
  };

/** The actions that every actor on SQL has: `receive`, `parked`, `resend` and `jobs`. */
export const storeActions = (handlers: Handlers, all?: ReceivesAll) => {
  const take = taker(handlers, all);
  return {
    receive: action("receive", async function (ctx) {
      const { events } = ctx.params as { events: Delivery[] };
      return receiveTraced(tracesOf(this.broker), this.name, events, (taken) => take(this, taken));
    }),

    parked: action("parked", async function () {
      const rows = await this.store.read.all<Record<string, unknown>>(parkedRows);
      return { data: rows.map(({ seq, type, ...row }) => ({ id: String(seq), event: type, ...row })) };
    }),

    resend: action("resend", async function (ctx) {
      const { id } = ctx.params as { id: string };
      if (!/^\d{1,15}$/.test(id)) return { resent: false };
      const changed = await this.store.write((tx) => tx.run(resendRow(Number(id))));
      this.$kernel?.relay.retryNow();
      return { resent: changed > 0 };
    }),

    jobs: action("jobs", async function () {
      const { total, parked, oldest } = (await this.store.read.get<Backlog>(backlog)) as Backlog;
      const oldestSeconds = oldest === null ? 0 : Math.max(0, (this.clock.now() - Date.parse(oldest)) / 1000);
      return { queued: this.mailbox.stats.depth, pending: total - parked, parked, oldestSeconds };
    }),
  };
};
