import { setTimeout as delay } from "node:timers/promises";
import { isType } from "../../contract/errors.ts";
import type { Caller, Ctx } from "../../contract/implement.ts";
import type { Meta } from "../../contract/meta.ts";
import type { SqlTx } from "../../mixins/sql.types.ts";
import type { OrdersActor } from "./orders.actor.ts";
import { lockOrder } from "./orders.change.ts";
import type { LoadedOrder } from "./orders.model.ts";
import { beginSaga, endSaga, newSaga, runSaga, type Saga, type SagaKind } from "./orders.saga.ts";
import type { Order } from "./orders.shapes.ts";
import { touch } from "./orders.stream.ts";

/** What every process of an order that stands keeps: who asked, for the audit entry, also after a resume. */
export interface ProcessData {
  meta: Pick<Meta, "caller" | "ip">;
}

export interface Process<D extends ProcessData> {
  kind: SagaKind;
  /** Steps at other actors, each keyed: may be run again from the start. */
  steps(calls: Pick<Caller, "call">, saga: Saga<D>): Promise<unknown>;
  /** The last transaction: the order's change, its events, the audit entry. */
  finish(actor: OrdersActor, tx: SqlTx, loaded: LoadedOrder, saga: Saga<D>, result: unknown): Promise<Order>;
  /** The last transaction when a step was refused for good. */
  fail?(actor: OrdersActor, tx: SqlTx, loaded: LoadedOrder, saga: Saga<D>): Promise<void>;
}

/** Another change of the same order is waited for this long, in milliseconds. */
const patience = 8000;
/** Between two tries. */
const pause = 25;

const isFinal = (error: unknown): boolean => {
  const { code } = error as { code?: unknown };
  return (
    typeof code === "number" && code >= 400 && code < 500 && code !== 429 && !isType(error, "SAGA_FENCED")
  );
};

/** Runs (or resumes) a process to its end: steps, then one transaction that also ends the saga. */
export async function runProcess<D extends ProcessData>(
  actor: OrdersActor,
  calls: Pick<Caller, "call">,
  process: Process<D>,
  saga: Saga<D>,
): Promise<Order> {
  let result: unknown;
  try {
    result = await process.steps(calls, saga);
  } catch (error) {
    if (!isFinal(error)) throw error;
    await actor.store.write(async (tx) => {
      const loaded = await lockOrder(tx, undefined, saga.orderId);
      await endSaga(tx, saga);
      await process.fail?.(actor, tx, loaded, saga);
    });
    throw error;
  }
  const order = await actor.store.write(async (tx) => {
    const loaded = await lockOrder(tx, undefined, saga.orderId);
    await endSaga(tx, saga);
    return process.finish(actor, tx, loaded, saga, result);
  });
  touch(actor, order);
  return order;
}

/** Tries again while another process of the order runs. */
async function patiently<R>(work: () => Promise<R>): Promise<R> {
  const deadline = performance.now() + patience;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isType(error, "ORDER_BUSY") || performance.now() > deadline) throw error;
      await delay(pause);
    }
  }
}

/**
 * Begins a process of a standing order and runs it. `claim` checks (and may write) under the order's lock, and answers the saga's
 * data; `undefined` means that there is nothing to do, and the order is answered as it is.
 */
export async function startProcess<D extends ProcessData>(
  actor: OrdersActor,
  ctx: Ctx,
  orderId: string,
  process: Process<D>,
  claim: (tx: SqlTx, loaded: LoadedOrder) => Promise<D | undefined> | D | undefined,
): Promise<Order> {
  const begun = await patiently(() =>
    actor.store.write(async (tx) => {
      const loaded = await lockOrder(tx, ctx, orderId);
      const data = await claim(tx, loaded);
      if (data === undefined) return { order: loaded.order };
      const saga = newSaga<D>(actor, orderId, process.kind, "forward", data);
      await beginSaga(actor, tx, saga);
      return { saga };
    }),
  );
  const { saga } = begun;
  return saga ? runSaga(actor, saga, () => runProcess(actor, ctx, process, saga)) : begun.order;
}

export const processData = (ctx: Ctx): ProcessData => {
  const { caller, ip } = ctx.meta;
  return { meta: { ...(caller ? { caller } : {}), ...(ip === undefined ? {} : { ip }) } };
};
