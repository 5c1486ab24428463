import type { Handler } from "../../contract/implement.ts";
import type { PaymentsActor } from "./payments.actor.ts";
import { ask, providerOf } from "./payments.ask.ts";
import { change } from "./payments.change.ts";
import type contract from "./payments.contract.ts";
import { notCapturable } from "./payments.errors.ts";
import { letGo } from "./payments.let-go.ts";
import { findPayment, toPayment } from "./payments.model.ts";
import { settle } from "./payments.settle.ts";

/** The provider is the arbiter between a capture and a void that another node sends at the same moment. */
export const capture: Handler<typeof contract, "capture", PaymentsActor> = function (ctx) {
  const { orderId } = ctx.params;
  return this.turns.take(orderId, async () => {
    const row = await findPayment(this.store.read, orderId);
    if (row?.status === "captured") return toPayment(row);
    if (row?.status !== "authorized") throw notCapturable(row?.status ?? "none");
    const provider = providerOf(this, row);
    const charge = await ask(this, () => provider.capture(orderId));
    if (!charge) throw notCapturable("none");
    const word = { charge, from: provider.name, step: "capture" };
    const settled = await change(this, { orderId, decide: (at) => settle(at, word) });
    const after = settled.letGo ? await letGo(this, settled.row) : settled.row;
    if (after.status !== "captured") throw notCapturable(after.status);
    return toPayment(after);
  });
};
