import { sql } from "../../mixins/sql.ts";
import { isType } from "../../contract/errors.ts";
import type { SqlTx } from "../../mixins/sql.types.ts";
import type { OrdersActor } from "./orders.actor.ts";
import { orderBusy, sagaFenced } from "./orders.errors.ts";
import { sagas } from "./orders.tables.ts";

export type SagaKind = "place" | "ship" | "cancel" | "refund" | "receive";

/**
 * A process over several actors that must end or be undone, whatever dies. Its row is written with the first change, held by a
 * lease, and deleted with the last one. `version` fences: who lost the lease can write nothing more.
 */
export interface Saga<D = unknown> {
  orderId: string;
  kind: SagaKind;
  /** `forward`, `undo`, or `waiting` for the provider's word (without a runner); `woken` when the word came before that. */
  step: string;
  data: D;
  version: number;
  attempts: number;
  /** When this process took it, in milliseconds. */
  since: number;
}

/** Milliseconds that a lease lasts without being renewed: another node may take over after it. */
export const lease = 4000;

export const newSaga = <D>(
  actor: OrdersActor,
  orderId: string,
  kind: SagaKind,
  step: string,
  data: D,
): Saga<D> => ({
  orderId,
  kind,
  step,
  data,
  version: 1,
  attempts: 1,
  since: actor.clock.now(),
});

export const sagaRow = (actor: OrdersActor, saga: Saga) => ({
  order_id: saga.orderId,
  kind: saga.kind,
  step: saga.step,
  data: JSON.stringify(saga.data),
  owner: actor.owner,
  lease_until: actor.clock.now() + lease,
  attempts: saga.attempts,
  error: null,
  created_at: actor.timestamp(),
  version: saga.version,
});

/** @throws 409 `ORDER_BUSY` while a saga of the order runs */
export async function assertIdle(tx: SqlTx, orderId: string): Promise<void> {
  const other = await tx.get(sql`select order_id from sagas where order_id = ${orderId} ${tx.forUpdate}`);
  if (other) throw orderBusy();
}

/** Begins a saga in the caller's transaction. @throws 409 `ORDER_BUSY` while another one of the order runs. */
export async function beginSaga(actor: OrdersActor, tx: SqlTx, saga: Saga): Promise<void> {
  await assertIdle(tx, saga.orderId);
  await tx.insert("sagas", sagas, [sagaRow(actor, saga)]);
}

/** Ends a saga in the transaction of its last change. @throws when the lease was lost. */
export async function endSaga(tx: SqlTx, saga: Saga): Promise<void> {
  const ended = await tx.run(
    sql`delete from sagas where order_id = ${saga.orderId} and version = ${saga.version}`,
  );
  if (ended !== 1) throw sagaFenced();
}

/** Notes a step that must not be taken back; `dueAt` makes it wait for that time (or a wake-up) without a runner. */
export async function saveStep(actor: OrdersActor, tx: SqlTx, saga: Saga, dueAt?: number): Promise<void> {
  const until = dueAt ?? actor.clock.now() + lease;
  const saved = await tx.run(sql`
    update sagas set step = ${saga.step}, data = ${JSON.stringify(saga.data)},
      lease_until = case when step = 'woken' and ${saga.step} = 'waiting' then 0 else cast(${until} as bigint) end
    where order_id = ${saga.orderId} and version = ${saga.version}`);
  if (saved !== 1) throw sagaFenced();
}

/** A late word of the provider: due at once when the saga waits for it, else as soon as it would begin to wait. */
export const wake = (tx: SqlTx, orderId: string): Promise<number> =>
  tx.run(sql`
    update sagas set lease_until = case when step = 'waiting' then 0 else lease_until end,
      step = case when step = 'forward' then 'woken' else step end
    where order_id = ${orderId} and kind = 'place'`);

/** Lets others continue a saga that failed here: soon at first, each minute later. */
export async function putDown(actor: OrdersActor, saga: Saga, error: unknown): Promise<void> {
  const wait = Math.min(250 * 2 ** saga.attempts, 60_000);
  const message = String((error as { type?: string }).type ?? "ERROR");
  await actor.store.write((tx) =>
    tx.run(sql`
      update sagas set lease_until = ${actor.clock.now() + wait}, error = ${message}
      where order_id = ${saga.orderId} and version = ${saga.version}`),
  );
}

/** Runs `work` as the holder of the saga; a failure puts it down for a resume and is thrown on. */
export async function runSaga<R>(actor: OrdersActor, saga: Saga, work: () => Promise<R>): Promise<R> {
  actor.running.set(saga.orderId, saga);
  try {
    return await work();
  } catch (error) {
    if (!isType(error, "SAGA_FENCED")) await putDown(actor, saga, error).catch(() => undefined);
    throw error;
  } finally {
    if (actor.running.get(saga.orderId) === saga) actor.running.delete(saga.orderId);
  }
}
