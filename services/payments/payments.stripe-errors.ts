import { isType, refuse } from "../../contract/errors.ts";
import { paymentRefused, providerUnavailable, tokenUnknown } from "./payments.errors.ts";
import { providerFault } from "./payments.provider.ts";

export interface StripeFault {
  type: string;
  code?: string;
  decline_code?: string;
  statusCode?: number;
  param?: string;
  message: string;
}

export const isStripe = (error: unknown): error is StripeFault => {
  const { type } = (error ?? {}) as { type?: unknown };
  return typeof type === "string" && /^Stripe\w+Error$/.test(type);
};

export const isDeclined = (error: unknown): boolean => isType(error, "StripeCardError");

/** The object is in another state than the call wants: somebody was faster, and what stands counts. */
export const isStale = (error: unknown): boolean => isType(error, "StripeInvalidRequestError");

/** Stripe failed, and may have kept that failure as the answer of the key. */
export const isKept = (error: unknown): boolean => isStripe(error) && (error.statusCode ?? 0) >= 500;

/** Our own configuration is wrong, so no shopper can do anything about it. */
export const isMisconfigured = (error: unknown): boolean =>
  isType(error, "StripeAuthenticationError", "StripePermissionError", "StripeIdempotencyError");

/**
 * What Stripe said, in the words of the port. Too many requests and a key that is at work there may be sent again soon; the
 * SDK has tried failures and lost connections three times already, so those end here.
 */
export function translated(error: unknown): unknown {
  if (!isStripe(error)) return error;
  if (isDeclined(error)) {
    const reason = error.decline_code ?? error.code ?? "declined";
    return refuse(402, "PAYMENT_DECLINED", "The payment was declined.", { reason });
  }
  if (isStale(error))
    return error.param === "payment_method" || error.param === "confirmation_token"
      ? tokenUnknown()
      : paymentRefused(error.code);
  if (error.statusCode === 429 || error.statusCode === 409)
    return providerFault(`Stripe: ${error.code ?? error.type}`);
  return providerUnavailable();
}
