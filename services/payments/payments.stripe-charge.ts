import type Stripe from "stripe";
import type { PaymentStatus } from "./payments.contract.ts";
import type { Charge } from "./payments.provider.ts";
import { fromStripe } from "./payments.stripe-amounts.ts";

export type Session = Stripe.Checkout.Session;
export type Intent = Stripe.PaymentIntent;

/** What Stripe holds of an order: a hosted page and, once the shopper has confirmed there, an intent; or an intent alone. */
export interface Held {
  orderId: string;
  session?: Session | undefined;
  intent?: Intent | undefined;
}

const byIntent: Readonly<Record<string, PaymentStatus>> = {
  requires_action: "requires_action",
  requires_confirmation: "pending",
  processing: "pending",
  requires_capture: "authorized",
  succeeded: "captured",
  canceled: "voided",
};

/** On the hosted page a declined card is not the end: the shopper may try another one while the page is open. */
function statusOf({ session, intent }: Held): PaymentStatus {
  const status = intent && byIntent[intent.status];
  const decided = status === "authorized" || status === "captured" || status === "pending";
  if (decided) return status;
  if (session?.status === "expired") return "failed";
  if (session?.status === "open") return "requires_action";
  if (session && !intent) return "pending";
  return status ?? "failed";
}

/** In a word that the shopper may read. */
export const failureOf = (code: string | undefined, declineCode: string | undefined): string =>
  (declineCode ?? code) === "insufficient_funds" ? "insufficient_funds" : "declined";

function refundedOf(intent: Intent | undefined): number {
  const charge = intent?.latest_charge;
  return typeof charge === "object" && charge !== null ? charge.amount_refunded : 0;
}

const actionUrl = ({ session, intent }: Held): string | undefined =>
  session ? (session.url ?? undefined) : (intent?.next_action?.redirect_to_url?.url ?? undefined);

function failure({ session, intent }: Held): string {
  if (session?.status === "expired") return "abandoned";
  const error = intent?.last_payment_error;
  return failureOf(error?.code, error?.decline_code);
}

/** What Stripe says now as the one charge of an order. */
export function toCharge(held: Held): Charge {
  const { orderId, session, intent } = held;
  const currency = (session?.currency ?? intent?.currency ?? "").toUpperCase();
  const amount = (value: number | null | undefined) => fromStripe(value ?? 0, currency);
  const status = statusOf(held);
  const url = status === "requires_action" ? actionUrl(held) : undefined;
  return {
    id: session?.id ?? intent?.id ?? "",
    orderId,
    status,
    currency,
    amount: amount(session ? session.amount_total : intent?.amount),
    captured: amount(intent?.status === "succeeded" ? intent.amount_received : 0),
    refunded: amount(refundedOf(intent)),
    ...(status === "failed" ? { failure: failure(held) } : {}),
    ...(url === undefined ? {} : { actionUrl: url }),
  };
}
