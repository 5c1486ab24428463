import type { Handler } from "../../contract/implement.ts";
import type { Money } from "../../contract/shapes.ts";
import type { PaymentsActor } from "./payments.actor.ts";
import { ask } from "./payments.ask.ts";
import { change } from "./payments.change.ts";
import type contract from "./payments.contract.ts";
import type { Payment } from "./payments.contract.ts";
import { amountChanged, amountInvalid, providerUnknown, underReview } from "./payments.errors.ts";
import { letGo } from "./payments.let-go.ts";
import { findPayment, toPayment, type PaymentRow } from "./payments.model.ts";
import type { ChargeRequest, Provider } from "./payments.provider.ts";
import { settle } from "./payments.settle.ts";

/** An order's payment as it stands; a row that only closed the order answers as voided. */
function known(row: PaymentRow, amount: Money, provider: Provider): Payment {
  if (row.provider === "none") return { ...toPayment(row), provider: provider.name, ...blank(amount) };
  if (row.amount !== amount.amount || row.currency !== amount.currency)
    throw amountChanged({ amount: row.amount, currency: row.currency });
  return toPayment(row);
}

const blank = (amount: Money) => {
  const nothing = { amount: 0, currency: amount.currency };
  return { amount, captured: nothing, refunded: nothing };
};

/**
 * One commit, after the provider's answer: the provider keys its charge by the order and finds it by the order, so nothing
 * of ours must stand before it. When this process dies between the charge and the commit, the order's saga, which was
 * durable before, either asks again (and is answered the same charge) or voids (which asks the provider, whatever our own
 * rows say). A void that came first has left a row that closes the order; it is met in the commit, and the charge let go.
 */
async function begin(actor: PaymentsActor, provider: Provider, request: ChargeRequest): Promise<Payment> {
  const { orderId, amount: asked } = request;
  const charge = await ask(actor, () => provider.authorize(request));
  const word = { charge, from: provider.name, asked, step: "authorize" };
  const settled = await change(actor, { orderId, fresh: true, decide: (at) => settle(at, word) });
  const row = settled.letGo ? await letGo(actor, settled.row) : settled.row;
  if (row.review !== null) throw underReview();
  return toPayment(row);
}

export const authorize: Handler<typeof contract, "authorize", PaymentsActor> = async function (ctx) {
  const { provider: name, ...request } = ctx.params;
  const provider = this.providers.get(name);
  if (!provider) throw providerUnknown();
  if (request.amount.amount <= 0) throw amountInvalid();
  return this.turns.take(request.orderId, async () => {
    const row = await findPayment(this.store.read, request.orderId);
    return row ? known(row, request.amount, provider) : begin(this, provider, request);
  });
};
