import { sql } from "../../mixins/sql.ts";
import type { PaymentsActor } from "./payments.actor.ts";
import { ask, providerOf } from "./payments.ask.ts";
import { change } from "./payments.change.ts";
import { letGo } from "./payments.let-go.ts";
import { findPayment, type PaymentRow, type RefundRow } from "./payments.model.ts";
import { finishRefund } from "./payments.refund.ts";
import { closingChecks, isOpen, pauseAfter } from "./payments.rules.ts";
import { settle } from "./payments.settle.ts";
import { findCharge } from "./payments.void.ts";

/** Rows that are worked at once. */
const most = 100;

/** Looks again later; a closed order that never got a charge is given up in the end. */
const postpone = (actor: PaymentsActor, orderId: string): Promise<PaymentRow | undefined> =>
  change(actor, {
    orderId,
    decide: ({ payment, now, save }) => {
      if (!payment || payment.check_at === null || payment.check_at > now) return payment;
      const checks = payment.checks + 1;
      const over = payment.provider === "none" && checks >= closingChecks;
      return save({ ...payment, checks, check_at: over ? null : now + pauseAfter(checks) });
    },
  });

/** Asks the provider what became of a payment whose end we were not told, or lets go of one that is closed. */
async function check(actor: PaymentsActor, orderId: string): Promise<void> {
  await postpone(actor, orderId);
  const row = await findPayment(actor.store.read, orderId);
  if (!row) return;
  if (row.provider === "none") {
    const found = await findCharge(actor, orderId);
    if (found?.letGo) await letGo(actor, found.row);
  } else if (isOpen(row.status)) {
    const provider = providerOf(actor, row);
    const charge = await ask(actor, () => provider.retrieve(orderId));
    const word = charge && { charge, from: provider.name, step: "reconcile" };
    if (word) await change(actor, { orderId, decide: (at) => settle(at, word) });
  } else if (row.check_at !== null) await letGo(actor, row);
}

async function finish(actor: PaymentsActor, refund: RefundRow): Promise<void> {
  const { order_id: orderId, id: refundId } = refund;
  const held = await change(actor, {
    orderId,
    refundId,
    decide: ({ payment: row, refund: now, now: time, saveRefund }) => {
      if (!row || now?.state !== "pending") return undefined;
      const checks = now.checks + 1;
      const later = { ...now, checks, check_at: time + pauseAfter(checks) };
      saveRefund(later);
      return { row, refund: later };
    },
  });
  if (held) await finishRefund(actor, held);
}

/**
 * Brings our rows and the provider's ledger together: whatever was lost on the way between them. Each row is put off
 * before it is worked, so every round finds others.
 */
export async function reconcile(actor: PaymentsActor): Promise<void> {
  while ((await round(actor)) >= most);
}

/** @returns how many rows were due, unless some could not be worked */
async function round(actor: PaymentsActor): Promise<number> {
  const now = actor.clock.now();
  const due = await actor.store.read.all<{ order_id: string }>(sql`
    select order_id from payments where check_at is not null and check_at <= ${now} order by check_at limit ${most}`);
  const refunds = await actor.store.read.all<RefundRow>(sql`
    select * from refunds where check_at is not null and check_at <= ${now} order by check_at limit ${most}`);
  const work = [
    ...due.map(({ order_id: id }) => actor.turns.take(id, () => check(actor, id))),
    ...refunds.map((refund) => actor.turns.take(refund.order_id, () => finish(actor, refund))),
  ];
  const failed = (await Promise.allSettled(work)).filter((result) => result.status === "rejected");
  for (const { reason } of failed)
    actor.logger.warn(`A payment is not reconciled yet: ${(reason as Error).message}`);
  // After a failure the next round is the timer's.
  return failed.length > 0 ? 0 : due.length;
}
