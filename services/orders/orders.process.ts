import type { Caller } from "../../contract/implement.ts";
import type { Meta } from "../../contract/meta.ts";
import type { SqlTx } from "../../mixins/sql.types.ts";
import type { OrdersActor } from "./orders.actor.ts";
import { lockOrder } from "./orders.change.ts";
import { isRefusal } from "./orders.errors.ts";
import { refusalAnswer, storeAnswers, unwrap, type Answer, type RequestKey } from "./orders.keys.ts";
import type { LoadedOrder } from "./orders.model.ts";
import { endSaga, type Saga, type SagaKind } from "./orders.saga.ts";
import type { Order } from "./orders.shapes.ts";
import { touch } from "./orders.stream.ts";

/** What every process of an order that stands keeps: who asked, for the audit entry, and by which key; also after a resume. */
export interface ProcessData {
  meta: Pick<Meta, "caller" | "ip">;
  request?: Pick<RequestKey, "caller" | "key">;
  requestId?: string;
}

export interface Process<D extends ProcessData, R = Order> {
  kind: SagaKind;
  /** Steps at other actors, each keyed: may be run again from the start. */
  steps(calls: Pick<Caller, "call">, saga: Saga<D>): Promise<unknown>;
  /** The last transaction: the order's change, its events, the audit entry. */
  finish(actor: OrdersActor, tx: SqlTx, loaded: LoadedOrder, saga: Saga<D>, result: unknown): Promise<Order>;
  /** The last transaction when a step was refused for good. */
  fail?(tx: SqlTx, order: Order, data: D): Promise<void>;
  /** What whoever asked is answered, read in the last transaction. */
  answer(tx: SqlTx, order: Order, data: D): Promise<R> | R;
}

const keep = async (tx: SqlTx, { request }: ProcessData, answer: Answer): Promise<void> =>
  request && storeAnswers(tx, [{ ...request, ...answer }]);

/** Runs (or resumes) a process to its end: steps, then one transaction that also ends the saga and keeps the answer. */
export async function runProcess<D extends ProcessData, R>(
  actor: OrdersActor,
  calls: Pick<Caller, "call">,
  process: Process<D, R>,
  saga: Saga<D>,
): Promise<R> {
  const { data } = saga;
  let result: unknown;
  try {
    result = await process.steps(calls, saga);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const answer = refusalAnswer(error, data.requestId);
    await actor.store.write(async (tx) => {
      const { order } = await lockOrder(tx, saga.orderId);
      await endSaga(tx, saga);
      await process.fail?.(tx, order, data);
      await keep(tx, data, answer);
    });
    return unwrap<R>(answer);
  }
  const { order, body } = await actor.store.write(async (tx) => {
    const loaded = await lockOrder(tx, saga.orderId);
    await endSaga(tx, saga);
    const after = await process.finish(actor, tx, loaded, saga, result);
    const answer = await process.answer(tx, after, data);
    await keep(tx, data, { status: 200, body: answer });
    return { order: after, body: answer };
  });
  touch(actor, order);
  return body;
}
