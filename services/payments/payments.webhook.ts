import type { Handler } from "../../contract/implement.ts";
import type { PaymentsActor } from "./payments.actor.ts";
import { change } from "./payments.change.ts";
import type contract from "./payments.contract.ts";
import { noSuchProvider, signatureInvalid } from "./payments.errors.ts";
import { letGo } from "./payments.let-go.ts";
import { settle } from "./payments.settle.ts";

/** Takes a provider's report: known by its signature, counted once, worked in the transaction that notes its id. */
export const webhook: Handler<typeof contract, "webhook", PaymentsActor> = async function (ctx) {
  const provider = this.providers.get(ctx.params.provider);
  if (!provider) throw noSuchProvider();
  if (!ctx.meta.webhook) throw signatureInvalid();
  const { id, charge } = provider.verifyWebhook(ctx.meta.webhook);
  const { orderId } = charge;
  const word = { charge, from: provider.name, step: "webhook" };
  await this.turns.take(orderId, async () => {
    const settled = await change(this, {
      orderId,
      event: { provider: provider.name, event_id: id },
      decide: (at) => (at.taken ? undefined : settle(at, word)),
    });
    // The reconciliation does it later when this fails; the report itself was taken.
    if (settled?.letGo) await letGo(this, settled.row).catch(() => undefined);
  });
  return { received: true };
};
