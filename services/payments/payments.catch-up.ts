import type { PaymentsActor } from "./payments.actor.ts";
import { takeReport } from "./payments.webhook.ts";

/** Milliseconds between two looks. */
const every = 5 * 60_000;

/**
 * Takes the reports that providers could not deliver: what was decided at the provider alone (a refund in its own back office, a
 * dispute) is asked for by nobody else. A failure is the next round's.
 */
export async function catchUp(actor: PaymentsActor): Promise<void> {
  const now = actor.clock.now();
  if (now < actor.missedAt) return;
  actor.missedAt = now + every;
  for (const provider of actor.providers.values())
    for await (const report of provider.missed?.() ?? []) await takeReport(actor, provider, report);
}
