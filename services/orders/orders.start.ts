import { setTimeout as delay } from "node:timers/promises";
import { isType } from "../../contract/errors.ts";
import type { Ctx } from "../../contract/implement.ts";
import { callerOf, fingerprint } from "../../mixins/idempotency.ts";
import type { SqlTx } from "../../mixins/sql.types.ts";
import type { OrdersActor } from "./orders.actor.ts";
import { lockOrder } from "./orders.change.ts";
import { isRefusal, orderBusy } from "./orders.errors.ts";
import {
  answerOfOther,
  answerOfResumed,
  answerOnce,
  claimKeys,
  isClaimed,
  storeAnswers,
  unwrap,
  type Answer,
  type RequestKey,
} from "./orders.keys.ts";
import type { LoadedOrder } from "./orders.model.ts";
import { runProcess, type Process, type ProcessData } from "./orders.process.ts";
import { beginSaga, newSaga, runSaga, type Saga } from "./orders.saga.ts";

/** Another change of the same order is waited for this long, in milliseconds. */
const patience = 8000;
/** Between two tries. */
const pause = 25;

/** Checks (and may write) under the order's lock, and answers the saga's data; undefined when there is nothing to do. */
export type Claim<D> = (tx: SqlTx, loaded: LoadedOrder) => Promise<D | undefined> | D | undefined;

/** A saga to run, an answer that stands already, or neither when the key was claimed before. */
interface Begun<D, R> {
  saga?: Saga<D>;
  body?: R;
}

/** Tries again while another process of the order runs. */
export async function patiently<R>(work: () => Promise<R>): Promise<R> {
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

export const processData = (ctx: Ctx): ProcessData => {
  const { caller, ip } = ctx.meta;
  return { meta: { ...(caller ? { caller } : {}), ...(ip === undefined ? {} : { ip }) } };
};

const keyOf = (ctx: Ctx): RequestKey | undefined => {
  const { idempotencyKey: key } = ctx.meta;
  const { name = "" } = (ctx.action ?? {}) as { name?: string };
  return key === undefined
    ? undefined
    : { caller: callerOf(ctx.meta), key, fingerprint: fingerprint(name, ctx.params) };
};

/**
 * Begins a process of a standing order and runs it to its end. A request with an `Idempotency-Key` is answered once: what
 * was answered first, a refusal of a step included, is answered again.
 */
export async function startProcess<D extends ProcessData, R>(
  actor: OrdersActor,
  ctx: Ctx,
  orderId: string,
  process: Process<D, R>,
  claim: Claim<D>,
): Promise<R> {
  const request = keyOf(ctx);

  const begin = async (tx: SqlTx): Promise<Begun<D, R>> => {
    if (request && (await isClaimed(tx, request))) return {};
    const loaded = await lockOrder(tx, orderId);
    const data = await claim(tx, loaded);
    if (request) await claimKeys(actor, tx, [{ ...request, orderId }]);
    if (data !== undefined) {
      const saga = newSaga<D>(actor, orderId, process.kind, "forward", withRequest(data, request, ctx));
      await beginSaga(actor, tx, saga);
      return { saga };
    }
    const body = loaded.order as R;
    if (request) await storeAnswers(tx, [{ ...request, status: 200, body }]);
    return { body };
  };

  const first = async (): Promise<Answer> => {
    const { saga, body } = await patiently(() => actor.store.write(begin));
    if (saga) return runToEnd(actor, request, saga, () => runProcess(actor, ctx, process, saga));
    if (body !== undefined || !request) return { status: 200, body };
    return answerOfOther(actor, ctx, request);
  };
  return unwrap<R>(request ? await answerOnce(actor, ctx, request, first) : await first());
}

/** After a fault or a lost lease somebody else finishes the process: a keyed request waits for that answer. */
async function runToEnd(
  actor: OrdersActor,
  request: RequestKey | undefined,
  saga: Saga,
  work: () => Promise<unknown>,
): Promise<Answer> {
  try {
    return { status: 200, body: await runSaga(actor, saga, work) };
  } catch (error) {
    if (isRefusal(error)) throw error;
    if (request) return answerOfResumed(actor, request, error);
    throw isType(error, "SAGA_FENCED") ? orderBusy() : error;
  }
}

const withRequest = <D extends ProcessData>(data: D, request: RequestKey | undefined, ctx: Ctx): D =>
  request
    ? {
        ...data,
        request: { caller: request.caller, key: request.key },
        ...(ctx.requestID == null ? {} : { requestId: ctx.requestID }),
      }
    : data;
