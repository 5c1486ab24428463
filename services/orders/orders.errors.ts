import { isType, notFound, refuse } from "../../contract/errors.ts";
import type { OrderStatus, ReturnStatus } from "./orders.shapes.ts";

/**
 * A step was refused for good, so the same call would be refused again. An actor that nobody offers just now is none
 * (Moleculer's 404), nor is a full queue, nor a lease that was lost.
 */
export function isRefusal(error: unknown): error is Error & { code: number } {
  const { code, retryable } = error as { code?: unknown; retryable?: unknown };
  const passing =
    retryable === true || isType(error, "SERVICE_NOT_FOUND", "SERVICE_NOT_AVAILABLE", "SAGA_FENCED");
  return typeof code === "number" && code >= 400 && code < 500 && code !== 429 && !passing;
}

export const orderNotFound = () => notFound("order");
export const returnNotFound = () => notFound("return");
export const couponNotFound = () => notFound("coupon");

export const orderStatusConflict = (status: OrderStatus, wanted: string) =>
  refuse(409, "ORDER_STATUS_CONFLICT", `An order that is ${status} cannot be ${wanted}.`, { status });

export const returnStatusConflict = (status: ReturnStatus, wanted: string) =>
  refuse(409, "RETURN_STATUS_CONFLICT", `A return that is ${status} cannot be ${wanted}.`, { status });

/** Another change of the order runs; the same request may be sent again. */
export const orderBusy = () =>
  refuse(409, "ORDER_BUSY", "Another change of this order is running. Try again in a moment.", {
    retryAfterSeconds: 1,
  });

/** The lease was lost: another node goes on with the process. */
export const sagaFenced = () => refuse(409, "SAGA_FENCED", "Another node has taken this over.");

export const keyRequired = () =>
  refuse(400, "IDEMPOTENCY_KEY_REQUIRED", "Send an Idempotency-Key, so that a repeat never orders twice.");

export const keyTooShort = () =>
  refuse(
    400,
    "IDEMPOTENCY_KEY_TOO_SHORT",
    "A guest who orders without a cart is known by the Idempotency-Key alone: it needs at least 22 characters.",
  );

export const inFlight = () =>
  refuse(409, "IN_FLIGHT", "The first request with this Idempotency-Key is still running.", {
    retryAfterSeconds: 2,
  });

const invalid = (code: string, pointer: string, message: string) =>
  refuse(422, code, message, { errors: [{ pointer, message }] });

export const sourceRequired = () =>
  invalid("VALIDATION_ERROR", "/lines", "Send either a cartId or lines with a currency.");
export const currencyRequired = () => invalid("VALIDATION_ERROR", "/currency", "Lines need a currency.");
export const tooManyUnits = (sku: string) =>
  invalid("VALIDATION_ERROR", "/lines", `More than 100,000 units of ${sku}.`);
export const cartEmpty = () => refuse(422, "CART_EMPTY", "The cart is empty.");
export const cartChanged = () =>
  refuse(409, "CART_CHANGED", "The cart was changed meanwhile. Look at it again.");
export const cartClosed = () =>
  refuse(409, "CART_CLOSED", "This cart was ordered already, or is being ordered now.");
export const cartNotFound = () => notFound("cart");

export const skusNotFound = (skus: readonly string[], at: (sku: string) => string) =>
  refuse(422, "SKU_NOT_FOUND", "Some of it is not sold, or not in this currency.", {
    errors: skus.map((sku) => ({ pointer: at(sku), message: `${sku} is not sold in this currency` })),
  });

export const countryNotServed = (pointer: string) =>
  invalid("COUNTRY_NOT_SERVED", pointer, "Nothing is shipped to this country.");
export const providerUnknown = () =>
  invalid("PAYMENT_PROVIDER_UNKNOWN", "/payment/provider", "This payment provider is not switched on.");
export const totalTooLarge = () =>
  invalid("VALIDATION_ERROR", "/lines", "The sum of this order is too large.");

export const couponNotApplicable = (reason: string) =>
  refuse(422, "COUPON_NOT_APPLICABLE", reason, { reason });
export const couponExists = () => refuse(409, "COUPON_EXISTS", "There is a coupon of this code.");
export const couponInvalid = (pointer: string, message: string) =>
  invalid("COUPON_INVALID", pointer, message);

export const paymentDeclined = (failure: string) =>
  refuse(
    402,
    "PAYMENT_DECLINED",
    failure === "insufficient_funds" ? "The card has not enough funds." : "The payment was declined.",
    { reason: failure },
  );

export const refundExceedsCapture = (left: number, currency: string) =>
  refuse(409, "REFUND_EXCEEDS_CAPTURE", "More would go back than was captured.", {
    left: { amount: left, currency },
  });

export const returnExceedsOrder = (sku: string, left: number) =>
  refuse(422, "RETURN_EXCEEDS_ORDER", `At most ${left} of ${sku} can come back.`, {
    errors: [{ pointer: "/lines", message: `at most ${left} of ${sku}` }],
  });
