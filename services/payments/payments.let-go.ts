import type { PaymentsActor } from "./payments.actor.ts";
import { ask, providerOf } from "./payments.ask.ts";
import { change, type Found } from "./payments.change.ts";
import type { PaymentRow } from "./payments.model.ts";
import { giveBack } from "./payments.refund.ts";
import { settle } from "./payments.settle.ts";

const left = (row: PaymentRow): number => row.captured - row.refunded - row.refunding;

/** Nothing is left to be given back: the reconciliation need not look again. */
const cleared = ({ save }: Found, row: PaymentRow): PaymentRow =>
  row.check_at === null || left(row) > 0 ? row : save({ ...row, check_at: null });

/**
 * Gives back all that the provider holds of a closed order: what is only authorized is voided, what was captured refunded.
 * Harmless when repeated, and repeated by the reconciliation when it does not get to its end.
 */
export async function letGo(actor: PaymentsActor, closed: PaymentRow): Promise<PaymentRow> {
  const { order_id: orderId } = closed;
  const provider = providerOf(actor, closed);
  const charge = await ask(actor, () => provider.void(orderId));
  let row = closed;
  if (charge) {
    const word = { charge, from: provider.name, step: "void" };
    row = await change(actor, { orderId, decide: (at) => cleared(at, settle(at, word).row) });
  }
  if (left(row) > 0) {
    const id = `void:${orderId}:${row.refunded + row.refunding}`;
    row = await giveBack(actor, { orderId, refundId: id, amount: left(row), reason: "The order was undone" });
  }
  if (row.check_at === null) return row;
  return change(actor, { orderId, decide: (at) => cleared(at, at.payment ?? closed) });
}
