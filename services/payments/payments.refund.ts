import { statusOf } from "../../contract/errors.ts";
import type { Handler } from "../../contract/implement.ts";
import type { PaymentsActor } from "./payments.actor.ts";
import { ask, providerOf } from "./payments.ask.ts";
import { change, type Found } from "./payments.change.ts";
import type contract from "./payments.contract.ts";
import { amountInvalid, refundExceedsCapture, refundRefused, refundReused } from "./payments.errors.ts";
import { bookRefund } from "./payments.ledger.ts";
import { toPayment, type PaymentRow, type RefundRow } from "./payments.model.ts";
import { pauseAfter } from "./payments.rules.ts";

export interface RefundItem {
  orderId: string;
  refundId: string;
  /** Minor units. */
  amount: number;
  /** Left out: the payment's. */
  currency?: string;
  reason: string;
}

interface Held {
  row: PaymentRow;
  refund: RefundRow;
}

/** Holds the amount back for this refund, never more in all than was captured; durable before the provider is asked. */
function hold(at: Found, item: RefundItem): Held {
  const { payment, refund } = at;
  const { orderId, refundId, amount, reason } = item;
  if (refund) {
    if (refund.order_id !== orderId || refund.amount !== amount) throw refundReused();
    if (refund.state === "failed") throw refundRefused();
    return { row: payment as PaymentRow, refund };
  }
  const left = payment ? payment.captured - payment.refunded - payment.refunding : 0;
  const currency = payment?.currency || item.currency || "";
  if (!payment || amount > left || (item.currency !== undefined && item.currency !== currency))
    throw refundExceedsCapture({ amount: left, currency });
  const made: RefundRow = {
    id: refundId,
    order_id: orderId,
    amount,
    reason,
    state: "pending",
    check_at: at.now + pauseAfter(1),
    checks: 0,
    at: at.at,
  };
  at.saveRefund(made);
  return { row: at.save({ ...payment, refunding: payment.refunding + amount }), refund: made };
}

/** Ends a refund once: the amount is given back and booked, or free again. */
function end(at: Found, state: "done" | "failed"): PaymentRow {
  const payment = at.payment as PaymentRow;
  const refund = at.refund as RefundRow;
  if (refund.state !== "pending") return payment;
  const { amount, id } = refund;
  at.saveRefund({ ...refund, state, check_at: null });
  at.note("refund", state);
  const freed = { ...payment, refunding: payment.refunding - amount };
  if (state === "failed") return at.save(freed);
  at.book(bookRefund(payment, id, amount, at.at));
  const row = at.save({ ...freed, refunded: payment.refunded + amount });
  at.publish("refunded", row);
  return row;
}

/** Asks the provider for a refund that is held; keyed by its id, so it may be asked again at any time. */
export async function finishRefund(actor: PaymentsActor, { row, refund }: Held): Promise<PaymentRow> {
  const { order_id: orderId, id: refundId, amount } = refund;
  const step = { orderId, refundId };
  const provider = providerOf(actor, row);
  try {
    await ask(actor, () => provider.refund({ orderId, refundId, amount }));
  } catch (error) {
    if (statusOf(error) >= 500) throw error;
    await change(actor, { ...step, decide: (at) => end(at, "failed") });
    throw refundRefused();
  }
  return change(actor, { ...step, decide: (at) => end(at, "done") });
}

/** Holds, then gives back; a repeat of a refund that is done changes nothing. */
export async function giveBack(actor: PaymentsActor, item: RefundItem): Promise<PaymentRow> {
  const { orderId, refundId } = item;
  const held = await change(actor, { orderId, refundId, decide: (at) => hold(at, item) });
  return held.refund.state === "done" ? held.row : finishRefund(actor, held);
}

export const refund: Handler<typeof contract, "refund", PaymentsActor> = async function (ctx) {
  const { orderId, refundId, reason, amount: money } = ctx.params;
  const { amount, currency } = money;
  if (amount <= 0) throw amountInvalid();
  const item = { orderId, refundId, amount, currency, reason };
  return toPayment(await this.turns.take(orderId, () => giveBack(this, item)));
};
