import type Stripe from "stripe";
import type { Charge } from "./payments.provider.ts";
import { fromStripe } from "./payments.stripe-amounts.ts";
import type { StripeIds } from "./payments.stripe-orders.ts";

/** The reports that mean something to an order; an endpoint at Stripe need not send others. */
export const kinds = [
  "checkout.session.completed",
  "checkout.session.expired",
  "payment_intent.amount_capturable_updated",
  "payment_intent.requires_action",
  "payment_intent.payment_failed",
  "payment_intent.succeeded",
  "payment_intent.canceled",
  "charge.refunded",
  "charge.dispute.created",
  "refund.failed",
] as const satisfies readonly Stripe.Event.Type[];

export interface Subject {
  /** Left out where Stripe tells the intent alone. */
  orderId?: string;
  intentId?: string | undefined;
  /** Ids that the answer to our own request may still be bringing. */
  ids?: StripeIds;
  /** What the report itself says of the charge: another amount than ours must be seen. */
  says: Partial<Pick<Charge, "amount" | "currency" | "trouble">>;
}

const idOf = (link: string | { id: string } | null): string | undefined =>
  typeof link === "string" ? link : link?.id;

const money = (amount: number | null, currency: string | null): Subject["says"] =>
  amount === null || currency === null
    ? {}
    : { amount: fromStripe(amount, currency), currency: currency.toUpperCase() };

/** Which order a report is about; undefined: none, or nothing that matters to one. */
export function subjectOf(event: Stripe.Event): Subject | undefined {
  switch (event.type) {
    case "checkout.session.completed":
    case "checkout.session.expired": {
      const { id, metadata, amount_total: amount, currency, payment_intent: intent } = event.data.object;
      const ids = { session_id: id, intent_id: idOf(intent) ?? null };
      return {
        orderId: metadata?.["orderId"] ?? "",
        intentId: ids.intent_id ?? undefined,
        ids,
        says: money(amount, currency),
      };
    }
    case "payment_intent.amount_capturable_updated":
    case "payment_intent.requires_action":
    case "payment_intent.payment_failed":
    case "payment_intent.succeeded":
    case "payment_intent.canceled": {
      const { id, metadata, amount, currency } = event.data.object;
      return { orderId: metadata["orderId"] ?? "", intentId: id, says: money(amount, currency) };
    }
    case "charge.refunded":
      return { intentId: idOf(event.data.object.payment_intent), says: {} };
    case "charge.dispute.created": {
      const { payment_intent: intent, reason } = event.data.object;
      return { intentId: idOf(intent), says: { trouble: `disputed: ${reason}` } };
    }
    case "refund.failed": {
      const { payment_intent: intent, id } = event.data.object;
      return { intentId: idOf(intent), says: { trouble: `refund ${id} did not arrive` } };
    }
    default:
      return undefined;
  }
}

/** A charge of the order beside the one that we know: nobody may have been sent there, so a person must look. */
export function strayOf({ ids, intentId }: Subject, known: StripeIds): Subject["says"] {
  const session = ids && known.session_id !== null && ids.session_id !== known.session_id;
  const intent = intentId !== undefined && known.intent_id !== null && intentId !== known.intent_id;
  return session || intent ? { trouble: `a second charge ${ids?.session_id ?? intentId ?? ""}` } : {};
}
