import { sql } from "../../mixins/sql.ts";
import { callsOf, type OrdersActor } from "./orders.actor.ts";
import { cancelProcess, type CancelData } from "./orders.cancel.ts";
import { runCheckout, type CheckoutData } from "./orders.checkout.ts";
import { skipLocked } from "../../mixins/skip-locked.ts";
import { loadOrder } from "./orders.model.ts";
import { runProcess } from "./orders.process.ts";
import { receiveProcess, type ReceiveData } from "./orders.receive.ts";
import { refundProcess, type RefundData } from "./orders.refund.ts";
import { lease, runSaga, type Saga, type SagaKind } from "./orders.saga.ts";
import { shipProcess, type ShipData } from "./orders.ship.ts";
import { touch } from "./orders.stream.ts";

/** Sagas that are taken at once, and that run at once. */
const batch = 50;
const most = 200;

interface SagaRow {
  order_id: string;
  kind: SagaKind;
  step: string;
  data: string;
  attempts: number;
  version: number;
}

/** Takes the leases that ran out; whoever held them can write nothing more, since the version grows. */
async function takeDue(actor: OrdersActor): Promise<Saga[]> {
  const now = actor.clock.now();
  const due = await actor.store.read.get(sql`select order_id from sagas where lease_until <= ${now} limit 1`);
  if (!due) return [];
  const rows = await actor.store.write(async (tx) => {
    const found = await tx.all<SagaRow>(
      sql`select * from sagas where lease_until <= ${now} order by order_id limit ${batch} ${skipLocked(tx)}`,
    );
    const free = found.filter((row) => !actor.running.has(row.order_id));
    const ids = free.map((row) => ({ id: row.order_id, version: row.version }));
    if (ids.length === 0) return [];
    await tx.run(sql`
      update sagas set owner = ${actor.owner}, lease_until = ${now + lease}, attempts = attempts + 1, version = sagas.version + 1,
        step = case when step in ('waiting', 'woken') then 'forward' else step end
      from (${tx.rows({ id: "text", version: "bigint" }, ids)}) as d where sagas.order_id = d.id and sagas.version = d.version`);
    return free;
  });
  return rows.map((row) => ({
    orderId: row.order_id,
    kind: row.kind,
    step: row.step,
    data: JSON.parse(row.data) as unknown,
    version: row.version + 1,
    attempts: row.attempts + 1,
    since: now,
  }));
}

async function resumeCheckout(actor: OrdersActor, saga: Saga<CheckoutData>): Promise<void> {
  const loaded = await loadOrder(actor.store.read, saga.orderId);
  if (!loaded) return;
  await runCheckout({ actor, calls: callsOf(actor), saga, ...loaded });
  const after = await loadOrder(actor.store.read, saga.orderId);
  if (after) touch(actor, after.order);
}

function resume(actor: OrdersActor, saga: Saga): Promise<unknown> {
  const calls = callsOf(actor);
  switch (saga.kind) {
    case "place":
      return resumeCheckout(actor, saga as Saga<CheckoutData>);
    case "ship":
      return runProcess(actor, calls, shipProcess, saga as Saga<ShipData>);
    case "cancel":
      return runProcess(actor, calls, cancelProcess, saga as Saga<CancelData>);
    case "refund":
      return runProcess(actor, calls, refundProcess, saga as Saga<RefundData>);
    case "receive":
      return runProcess(actor, calls, receiveProcess, saga as Saga<ReceiveData>);
  }
}

async function finish(actor: OrdersActor, saga: Saga): Promise<void> {
  actor.resuming += 1;
  try {
    await runSaga(actor, saga, () => resume(actor, saga));
  } catch (error) {
    const { type = "ERROR" } = error as { type?: string };
    if (type !== "SAGA_FENCED")
      actor.logger.warn(`Order ${saga.orderId}: ${saga.kind} is not finished yet (${type})`);
  } finally {
    actor.resuming -= 1;
  }
}

/** Continues what a dead node (or a failed step) left, from its saga row; a slow one keeps nobody waiting. */
export async function resumeSagas(actor: OrdersActor): Promise<void> {
  if (actor.resuming + batch > most) return;
  for (const saga of await takeDue(actor)) void finish(actor, saga);
}

/** A lease is renewed while its process takes longer than a second: a slow provider is not a dead node. */
export async function renewLeases(actor: OrdersActor): Promise<void> {
  const now = actor.clock.now();
  const slow = [...actor.running.values()]
    .filter((saga) => now - saga.since > 1000)
    .map((saga) => ({ id: saga.orderId, version: saga.version }));
  if (slow.length === 0) return;
  await actor.store.write((tx) =>
    tx.run(sql`
      update sagas set lease_until = ${now + lease}
      from (${tx.rows({ id: "text", version: "bigint" }, slow)}) as d
      where sagas.order_id = d.id and sagas.version = d.version and step <> 'waiting'`),
  );
}

/** What a node left that is no more is due at once. Were it alive, its saga would be fenced, and the new holder's answer be its own. */
export const claimFrom = (actor: OrdersActor, nodeID: string): Promise<number> =>
  actor.store.write((tx) =>
    tx.run(sql`
      update sagas set lease_until = 0
      where owner >= ${`${nodeID} `} and owner < ${`${nodeID}!`} and owner <> ${actor.owner} and step <> 'waiting'`),
  );

/** After a restart: what this node's last life left. */
export const claimOwn = (actor: OrdersActor): Promise<number> => claimFrom(actor, actor.broker.nodeID);

/** A node was found dead: its sagas go on here, or at another node that heard of it, whichever takes them first. */
export async function takeOver(actor: OrdersActor, nodeID: string): Promise<void> {
  if ((await claimFrom(actor, nodeID)) > 0) await resumeSagas(actor);
}
