import type { Handler } from "../../contract/implement.ts";
import type { PaymentsActor } from "./payments.actor.ts";
import { ask } from "./payments.ask.ts";
import { change, type Found } from "./payments.change.ts";
import type contract from "./payments.contract.ts";
import { letGo } from "./payments.let-go.ts";
import { toPayment, type PaymentRow } from "./payments.model.ts";
import { isClosed, pauseAfter } from "./payments.rules.ts";
import { settle, type Settled } from "./payments.settle.ts";

/** Milliseconds after which no authorization of before can still be on its way. */
const longestCall = 15_000;

/** The row of an order that nothing was asked for yet. */
const tombstone = (at: Found, orderId: string, shared: boolean): PaymentRow => ({
  id: at.newId(),
  order_id: orderId,
  provider: "none",
  charge_id: null,
  status: "voided",
  currency: "",
  amount: 0,
  captured: 0,
  refunded: 0,
  refunding: 0,
  failure: null,
  action_url: null,
  review: null,
  // An embedded store has one process, where calls of one order take turns: none is on its way while this one works.
  check_at: shared ? at.now + longestCall : null,
  checks: 0,
  created_at: at.at,
  version: 0,
});

/** Closes the order for later authorizations, durably, before the provider is told. */
function close(at: Found, orderId: string, shared: boolean): PaymentRow {
  const { payment } = at;
  if (!payment) return at.save(tombstone(at, orderId, shared));
  if (isClosed(payment.status)) return payment;
  const closed = at.save({ ...payment, status: "voided", check_at: at.now + pauseAfter(0), checks: 0 });
  at.note("void", "voided");
  at.publish("voided", closed);
  return closed;
}

/** Asks every provider for a charge of an order that we know none of. */
export async function findCharge(actor: PaymentsActor, orderId: string): Promise<Settled | undefined> {
  for (const provider of actor.providers.values()) {
    const charge = await ask(actor, () => provider.retrieve(orderId));
    if (!charge) continue;
    const word = { charge, from: provider.name, step: "found" };
    return change(actor, { orderId, decide: (at) => settle(at, word) });
  }
  return undefined;
}

const voidPayment: Handler<typeof contract, "void", PaymentsActor> = function (ctx) {
  const { orderId } = ctx.params;
  return this.turns.take(orderId, async () => {
    const shared = this.store.read.dialect === "postgres";
    const row = await change(this, { orderId, decide: (at) => close(at, orderId, shared) });
    if (row.status === "failed") return toPayment(row);
    if (row.provider !== "none") return toPayment(await letGo(this, row));
    const found = await findCharge(this, orderId);
    if (!found) return null;
    return toPayment(found.letGo ? await letGo(this, found.row) : found.row);
  });
};
export { voidPayment as void };
