import type { Config } from "../../config/config.ts";
import { fromStripe } from "../../services/payments/payments.stripe-amounts.ts";
import { stripeOf } from "../../services/payments/payments.stripe-client.ts";

/** All that Stripe holds of one order. */
export interface StripeCharge {
  order_id: string;
  status: string;
  amount: number;
  captured: number;
  refunded: number;
}

/** Reads every payment of the account that names an order of a store, a hundred at a time. */
export async function stripeCharges(keys: Config["stripe"]): Promise<StripeCharge[]> {
  if (!keys) return [];
  const stripe = await stripeOf(keys);
  const byOrder = new Map<string, StripeCharge>();
  for await (const intent of stripe.paymentIntents.list({ limit: 100, expand: ["data.latest_charge"] })) {
    const { orderId } = intent.metadata;
    if (orderId === undefined) continue;
    const charge = typeof intent.latest_charge === "object" ? intent.latest_charge : null;
    const amount = (value: number) => fromStripe(value, intent.currency);
    const before = byOrder.get(orderId);
    const authorized = intent.status === "requires_capture" || before?.status === "authorized";
    byOrder.set(orderId, {
      order_id: orderId,
      status: authorized ? "authorized" : intent.status,
      amount: amount(intent.amount),
      captured: amount(intent.amount_received) + (before?.captured ?? 0),
      refunded: amount(charge?.amount_refunded ?? 0) + (before?.refunded ?? 0),
    });
  }
  return [...byOrder.values()];
}
