import { setTimeout as sleep } from "node:timers/promises";
import { isType } from "../../contract/errors.ts";
import type { PaymentsActor } from "./payments.actor.ts";
import { providerUnavailable } from "./payments.errors.ts";
import type { PaymentRow } from "./payments.model.ts";
import type { Provider } from "./payments.provider.ts";

/** Milliseconds before the second and the third try. */
const pauses = [50, 250];

/**
 * Asks a provider, and again when the answer was lost: every call is keyed, so the repeat finds what the first one did.
 * @throws 503 when it does not answer; whoever asked may ask again later
 */
export async function ask<R>(actor: PaymentsActor, call: () => Promise<R>): Promise<R> {
  for (const pause of [...pauses, undefined]) {
    try {
      return await call();
    } catch (error) {
      if (!isType(error, "PROVIDER_FAULT")) throw error;
      actor.logger.debug(`The payment provider failed: ${(error as Error).message}`);
      if (pause !== undefined) await sleep(pause);
    }
  }
  throw providerUnavailable();
}

export function providerOf(actor: PaymentsActor, row: Pick<PaymentRow, "provider">): Provider {
  const provider = actor.providers.get(row.provider);
  // It was switched on when the payment was made; until it is again nothing can be done.
  if (!provider) throw providerUnavailable();
  return provider;
}
