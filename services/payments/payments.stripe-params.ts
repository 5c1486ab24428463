import type Stripe from "stripe";
import type { PaymentsActor } from "./payments.actor.ts";
import { orderPage } from "./payments.origin.ts";
import type { ChargeRequest } from "./payments.provider.ts";
import { toStripe } from "./payments.stripe-amounts.ts";

/** Milliseconds; Stripe closes the page by itself then. The order itself expires earlier, and closes it. */
const openFor = 60 * 60_000;

const nameOf = ({ reference }: ChargeRequest): string =>
  reference === undefined ? "Order" : `Order ${reference}`;

/** Stripe's hosted page for the whole amount; everything in it depends on the order alone, as a repeat must be equal. */
export function sessionParams(
  actor: PaymentsActor,
  request: ChargeRequest,
  openedAt: number,
): Stripe.Checkout.SessionCreateParams {
  const { orderId, amount, email } = request;
  const metadata = { orderId };
  const back = orderPage(actor, orderId);
  return {
    mode: "payment",
    client_reference_id: orderId,
    metadata,
    ...(email === undefined ? {} : { customer_email: email }),
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: amount.currency.toLowerCase(),
          unit_amount: toStripe(amount.amount, amount.currency),
          product_data: { name: nameOf(request) },
        },
      },
    ],
    payment_intent_data: { capture_method: "manual", description: nameOf(request), metadata },
    // Ours is the price; another currency on the page would be another amount.
    adaptive_pricing: { enabled: false },
    expires_at: Math.floor((openedAt + openFor) / 1000),
    success_url: `${back}?placed=1`,
    cancel_url: back,
  };
}

/** A card that the caller has collected already, charged at once. */
export function intentParams(actor: PaymentsActor, request: ChargeRequest): Stripe.PaymentIntentCreateParams {
  const { orderId, amount, token = "" } = request;
  return {
    amount: toStripe(amount.amount, amount.currency),
    currency: amount.currency.toLowerCase(),
    capture_method: "manual",
    confirm: true,
    ...(token.startsWith("ctoken_") ? { confirmation_token: token } : { payment_method: token }),
    automatic_payment_methods: { enabled: true },
    return_url: `${orderPage(actor, orderId)}?placed=1`,
    description: nameOf(request),
    metadata: { orderId },
    expand: ["latest_charge"],
  };
}
