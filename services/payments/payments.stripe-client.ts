import type Stripe from "stripe";
import type { PaymentsActor } from "./payments.actor.ts";
import { providerUnavailable } from "./payments.errors.ts";
import type { ChargeRequest } from "./payments.provider.ts";
import { isKept, isMisconfigured, translated, type StripeFault } from "./payments.stripe-errors.ts";
import type { StripeOrderRow, StripeOrders } from "./payments.stripe-orders.ts";

export interface StripeKeys {
  secretKey: string;
  /** Another host than Stripe's, for tests. */
  apiUrl: string | undefined;
}

/** Milliseconds of one try; the SDK tries three times, and a call of payments ends after ten seconds. */
const patience = 3000;

/** The SDK is loaded only where Stripe is switched on: it is large. */
export async function stripeOf({ secretKey, apiUrl }: StripeKeys): Promise<Stripe> {
  const { default: Client } = await import("stripe");
  const url = apiUrl === undefined ? undefined : new URL(apiUrl);
  return new Client(secretKey, {
    maxNetworkRetries: 2,
    timeout: patience,
    telemetry: false,
    appInfo: { name: "Valence" },
    ...(url && {
      host: url.hostname,
      protocol: url.protocol === "http:" ? "http" : "https",
      port: url.port || (url.protocol === "http:" ? 80 : 443),
    }),
  });
}

/** The key of one step of one order: every try of it, on whatever node, is the same request to Stripe. */
export const keyOf = (row: StripeOrderRow, step: string): { idempotencyKey: string } => ({
  idempotencyKey: `${row.order_id}:${step}:${row.generation}`,
});

/** A card was to be charged at once and nobody knows whether it was: only the same key finds that charge. */
const mayHaveCharged = ({ request }: StripeOrderRow): boolean =>
  request !== null && (JSON.parse(request) as ChargeRequest).token !== undefined;

/** Calls Stripe, and says in the port's words what went wrong. */
export async function asked<R>(
  actor: PaymentsActor,
  orders: StripeOrders,
  row: StripeOrderRow,
  call: () => Promise<R>,
): Promise<R> {
  try {
    return await call();
  } catch (error) {
    if (isKept(error) && !mayHaveCharged(row)) await orders.renew(row.order_id, row.generation);
    if (isMisconfigured(error)) {
      actor.logger.error(`Stripe refuses our requests: ${(error as StripeFault).message}`);
      throw providerUnavailable();
    }
    throw translated(error);
  }
}
