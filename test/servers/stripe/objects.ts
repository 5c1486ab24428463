/** Stripe's objects, as far as a store sees them. Amounts are minor units. */
export interface Session {
  id: string;
  object: "checkout.session";
  status: "open" | "complete" | "expired";
  payment_status: "paid" | "unpaid";
  url: string | null;
  amount_total: number;
  currency: string;
  payment_intent: string | null;
  client_reference_id: string | null;
  customer_email: string | null;
  metadata: Record<string, string>;
  success_url: string;
  cancel_url: string;
  expires_at: number;
  /** What its intent will be made of; not told. */
  intent_data: Pick<Intent, "capture_method" | "metadata" | "description">;
}

export interface Intent {
  id: string;
  object: "payment_intent";
  status: "requires_payment_method" | "requires_action" | "requires_capture" | "succeeded" | "canceled";
  amount: number;
  amount_capturable: number;
  amount_received: number;
  currency: string;
  capture_method: "manual" | "automatic";
  metadata: Record<string, string>;
  description: string | null;
  latest_charge: string | null;
  last_payment_error: { code: string; decline_code?: string; message: string } | null;
  next_action: { type: "redirect_to_url"; redirect_to_url: { url: string; return_url: string } } | null;
  created: number;
}

export interface Charge {
  id: string;
  object: "charge";
  amount: number;
  amount_captured: number;
  amount_refunded: number;
  currency: string;
  payment_intent: string;
  metadata: Record<string, string>;
}

export interface Refund {
  id: string;
  object: "refund";
  amount: number;
  currency: string;
  payment_intent: string;
  status: "succeeded" | "failed";
  metadata: Record<string, string>;
}

export interface StripeEvent {
  id: string;
  object: "event";
  api_version: string;
  created: number;
  type: string;
  data: { object: unknown };
}

/** An answer that is an error, as Stripe writes it. */
export class StripeProblem extends Error {
  readonly status: number;
  readonly body: object;

  constructor(status: number, error: { type: string; message: string; [field: string]: unknown }) {
    super(error.message);
    this.status = status;
    this.body = { error };
  }
}

export const missing = (what: string): StripeProblem =>
  new StripeProblem(404, {
    type: "invalid_request_error",
    code: "resource_missing",
    message: `No such ${what}`,
  });

export const unexpectedState = (intent: Intent): StripeProblem =>
  new StripeProblem(400, {
    type: "invalid_request_error",
    code: "payment_intent_unexpected_state",
    message: `This PaymentIntent's status is ${intent.status}.`,
  });
