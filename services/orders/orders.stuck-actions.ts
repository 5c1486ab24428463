import { Type } from "typebox";
import { Id, nullable, oneOf, paging, shape, Time } from "../../contract/shapes.ts";

/** What shows and frees money and stock that are stuck; a part of the contract. */
export const stuckActions = {
  stuck: {
    summary: "Money or stock that waits for somebody: sagas that do not end, refunds that failed",
    rest: "GET /admin/stuck",
    auth: { permission: "orders:read" },
    params: shape(paging),
    returns: shape({
      data: Type.Array(
        shape({
          orderId: Id,
          number: Type.String(),
          kind: oneOf("saga", "refund", "payment"),
          since: Time,
          attempts: Type.Integer(),
          error: nullable(Type.String()),
        }),
      ),
    }),
    idempotent: "read",
  },

  strays: {
    summary:
      "Halves without their other half: payments and holds of orders that do not stand, orders without a payment, refunds on their way",
    rest: "GET /admin/stuck/strays",
    auth: { permission: "orders:read" },
    params: shape({}),
    returns: shape({
      data: Type.Array(
        shape({
          orderId: Id,
          /** Empty when orders knows none of this id. */
          number: Type.String(),
          kind: oneOf("charge", "hold", "unpaid", "refunding"),
          since: Time,
          error: nullable(Type.String()),
        }),
      ),
      /** Actors that did not answer: what they would say is missing. */
      missing: Type.Array(Type.String()),
    }),
    idempotent: "read",
    timeout: 5000,
  },
  unstick: {
    summary:
      "Let the store look at an order again now: its process, its payment and its hold; harmless when all is well",
    rest: "POST /admin/orders/:id/unstick",
    auth: { permission: "orders:write" },
    params: shape({ id: Id }),
    returns: shape({ done: Type.Array(oneOf("woken", "rechecked", "voided", "released")) }),
    idempotent: "keyed",
    timeout: 10_000,
  },
} as const;
