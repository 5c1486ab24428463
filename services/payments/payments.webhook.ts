import type { Handler } from "../../contract/implement.ts";
import type { PaymentsActor } from "./payments.actor.ts";
import { ask } from "./payments.ask.ts";
import { change } from "./payments.change.ts";
import type contract from "./payments.contract.ts";
import { noSuchProvider, signatureInvalid } from "./payments.errors.ts";
import { letGo } from "./payments.let-go.ts";
import type { Provider, ProviderEvent } from "./payments.provider.ts";
import { settle } from "./payments.settle.ts";

/** A report counts once: it is worked in the transaction that notes its id. */
export async function takeReport(
  actor: PaymentsActor,
  provider: Provider,
  report: ProviderEvent,
): Promise<void> {
  const { id, charge } = report;
  const { orderId } = charge;
  const word = { charge, from: provider.name, step: "webhook" };
  await actor.turns.take(orderId, async () => {
    const settled = await change(actor, {
      orderId,
      event: { provider: provider.name, event_id: id },
      decide: (at) => (at.taken ? undefined : settle(at, word)),
    });
    // The reconciliation does it later when this fails; the report itself was taken.
    if (settled?.letGo) await letGo(actor, settled.row).catch(() => undefined);
  });
}

/** Takes a provider's report, known by its signature; one that is about nothing of ours is thanked for. */
export const webhook: Handler<typeof contract, "webhook", PaymentsActor> = async function (ctx) {
  const provider = this.providers.get(ctx.params.provider);
  if (!provider) throw noSuchProvider();
  const { webhook: sent } = ctx.meta;
  if (!sent) throw signatureInvalid();
  const report = await ask(this, () => provider.verifyWebhook(sent));
  if (report) await takeReport(this, provider, report);
  return { received: true };
};
