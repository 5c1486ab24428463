import { conflict, notFound, refuse, unavailable } from "../../contract/errors.ts";
import type { Money } from "../../contract/shapes.ts";
import type { PaymentStatus } from "./payments.contract.ts";

export const paymentNotFound = () => notFound("payment");

const invalid = (code: string, pointer: string, message: string) =>
  refuse(422, code, message, { errors: [{ pointer, message }] });

export const providerUnknown = () =>
  invalid("PAYMENT_PROVIDER_UNKNOWN", "/payment/provider", "This payment provider is not switched on.");
export const noSuchProvider = () => refuse(404, "PROVIDER_UNKNOWN", "There is no such payment provider.");
export const tokenUnknown = () =>
  invalid("PAYMENT_TOKEN_UNKNOWN", "/payment/token", "The payment provider does not know this token.");
/** For good, so the order does not stand: an amount below the provider's least, a currency that it does not take. */
export const paymentRefused = (reason?: string) =>
  refuse(
    422,
    "PAYMENT_REFUSED",
    "The payment provider does not take this payment.",
    reason ? { reason } : {},
  );
export const amountInvalid = () => invalid("VALIDATION_ERROR", "/amount/amount", "must be above 0");

export const amountChanged = (amount: Money) =>
  conflict("PAYMENT_AMOUNT_CHANGED", "The order's payment was begun with another amount.", { amount });

export const notCapturable = (status: PaymentStatus | "none") =>
  conflict("PAYMENT_NOT_AUTHORIZED", "There is no authorized amount to take.", { status });

export const underReview = () =>
  conflict(
    "PAYMENT_UNDER_REVIEW",
    "The provider reported something that does not fit; a person looks at it.",
  );

export const refundExceedsCapture = (left: Money) =>
  conflict("REFUND_EXCEEDS_CAPTURE", "More would go back than was captured.", { left });

export const refundReused = () =>
  conflict("REFUND_ID_REUSED", "This refundId was used for another order or amount.");

export const refundRefused = () => conflict("REFUND_REFUSED", "The payment provider refused the refund.");

export const signatureInvalid = () =>
  refuse(400, "SIGNATURE_INVALID", "The signature is missing, wrong or too old.");
export const webhookInvalid = () =>
  refuse(400, "WEBHOOK_INVALID", "The report is not one of this provider's.");

export const providerUnavailable = () =>
  unavailable("PAYMENT_PROVIDER_UNAVAILABLE", "The payment provider does not answer just now.");
