import { Type, type Static } from "typebox";
import { wipeAction } from "../../contract/actor-actions.ts";
import { defineContract } from "../../contract/define.ts";
import {
  Email,
  Id,
  Line,
  Money,
  nullable,
  oneOf,
  page,
  paging,
  shape,
  Time,
  Version,
} from "../../contract/shapes.ts";

/** `pending`: the provider has not said yet; a webhook or the reconciliation will. */
export const PaymentStatus = oneOf(
  "pending",
  "requires_action",
  "authorized",
  "captured",
  "voided",
  "failed",
);
export type PaymentStatus = Static<typeof PaymentStatus>;

export const Payment = shape({
  id: Id,
  orderId: Id,
  provider: oneOf("test", "stripe"),
  status: PaymentStatus,
  amount: Money,
  captured: Money,
  refunded: Money,
  nextAction: Type.Optional(shape({ type: Type.Literal("redirect"), url: Type.String() })),
  /** Why it failed, in a word that the shopper may read: `declined`, `insufficient_funds`, `abandoned`. */
  failure: nullable(Line(60)),
  /** Why a person must look at it: what the provider reported does not fit, and had no effect. */
  review: Type.Optional(Line(200)),
  createdAt: Time,
  version: Version,
});
export type Payment = Static<typeof Payment>;

const orderId = { orderId: Id };
const happened = (summary: string) => ({ summary, payload: shape({ payment: Payment }) });

export default defineContract("payments", {
  actions: {
    wipe: wipeAction,
    /** Keyed by order: one payment an order; a repeat answers what the first came to. Never charges twice, also after a crash. */
    authorize: {
      summary: "Ask the provider for the order's amount",
      params: shape({
        ...orderId,
        amount: Money,
        provider: oneOf("test", "stripe"),
        token: Type.Optional(Line(200)),
        /** The order's number and the shopper's address, for a page of the provider. */
        reference: Type.Optional(Line(60)),
        email: Type.Optional(Email),
      }),
      returns: Payment,
      idempotent: "keyed",
      timeout: 10_000,
    },
    capture: {
      summary: "Take the authorized amount",
      params: shape(orderId),
      returns: Payment,
      idempotent: "keyed",
      timeout: 10_000,
    },
    /** Also closes the order for later authorizations; a charge that comes to light afterwards is voided or refunded by the reconciliation. */
    void: {
      summary: "Let go of an authorization, whatever its state; what was captured is refunded",
      params: shape(orderId),
      returns: nullable(Payment),
      idempotent: "keyed",
      timeout: 10_000,
    },
    unsettled: {
      summary: "Payments that hold money which was not taken, and those whose end is not known, oldest first",
      params: shape({ limit: Type.Integer({ minimum: 1, maximum: 1000 }) }),
      returns: Type.Array(
        shape({ orderId: Id, status: PaymentStatus, since: Time, error: nullable(Type.String()) }),
      ),
      idempotent: "read",
    },
    recheck: {
      summary: "Ask the provider about an order's payment and refunds now, not when their time comes",
      params: shape(orderId),
      returns: shape({ due: Type.Integer() }),
      idempotent: "keyed",
    },
    refund: {
      summary: "Give back a part of what was captured; keyed by `refundId`",
      params: shape({ ...orderId, refundId: Id, amount: Money, reason: Line(500, 0) }),
      returns: Payment,
      idempotent: "keyed",
      timeout: 10_000,
    },
    get: {
      summary: "The payment of an order",
      params: shape(orderId),
      returns: nullable(Payment),
      idempotent: "read",
    },
    list: {
      summary: "Payments, newest first",
      rest: "GET /admin/payments",
      fields: true,
      auth: { permission: "orders:read" },
      params: shape({ ...paging, status: Type.Optional(PaymentStatus) }),
      returns: page(Payment),
      idempotent: "read",
    },
    providers: {
      summary: "Payment providers on offer, the preferred one first",
      rest: "GET /payment-providers",
      auth: "anyone",
      params: shape({}),
      returns: shape({ data: Type.Array(oneOf("test", "stripe")) }),
      idempotent: "read",
    },
    webhook: {
      summary: "What a provider reports, known by its signature; each report counts once",
      rest: "POST /payments/webhooks/:provider",
      auth: "provider",
      body: "raw",
      params: shape({ provider: oneOf("test", "stripe") }),
      returns: shape({ received: Type.Literal(true) }),
      idempotent: "keyed",
      errors: { SIGNATURE_INVALID: 400, PROVIDER_UNKNOWN: 404, PAYMENT_PROVIDER_UNAVAILABLE: 503 },
    },
    testPage: {
      summary: "The test provider's page for a payment that needs the shopper",
      rest: "GET /payments/test/:id",
      auth: "anyone",
      answer: "html",
      params: shape({ id: Id }),
      returns: Type.Unknown(),
      idempotent: "read",
      errors: { PAYMENT_NOT_FOUND: 404 },
    },
    testDecide: {
      summary: "The shopper approves or declines on the test provider's page",
      rest: "POST /payments/test/:id",
      auth: "anyone",
      params: shape({ id: Id, approve: Type.Boolean() }),
      returns: shape({ status: PaymentStatus, returnUrl: Type.String() }),
      idempotent: "keyed",
      errors: { PAYMENT_NOT_FOUND: 404 },
    },
    testForm: {
      summary: "The same as the form of the page sends it",
      rest: "POST /payments/test/:id/form",
      auth: "anyone",
      body: "raw",
      answer: "html",
      params: shape({ id: Id }),
      returns: Type.Unknown(),
      idempotent: "keyed",
      errors: { PAYMENT_NOT_FOUND: 404, WEBHOOK_INVALID: 400 },
    },
  },
  events: {
    authorized: happened("The amount is authorized"),
    failed: happened("The payment failed for good"),
    /** Beside `authorized` or `failed`, when the outcome came after the answer of `authorize`: somebody waits for it. */
    decided: happened("A payment that was open has its outcome"),
    captured: happened("The amount was taken"),
    voided: happened("The authorization was let go"),
    refunded: happened("A part went back"),
  },
});
