import { isType } from "../contract/errors.ts";

/**
 * Whoever was asked, or its database, is out of reach or overloaded: the same call may go well later. An actor that nobody
 * offers just now is among them (Moleculer's 404).
 */
export const isOutage = (error: unknown): boolean =>
  isType(error, "SERVICE_NOT_FOUND", "SERVICE_NOT_AVAILABLE", "REQUEST_TIMEOUT", "REQUEST_SKIPPED") ||
  (typeof error === "object" && error !== null && "retryable" in error && error.retryable === true);
