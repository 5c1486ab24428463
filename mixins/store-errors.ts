import { Errors } from "moleculer";

/**
 * - `STORE_UNAVAILABLE`: the database cannot be reached or written now; the outcome of a commit may be unknown. Retryable 503.
 * - `STORE_CONFLICT`: deadlock, serialization failure or a lock held too long, also after the mailbox's own tries. Retryable 503.
 * - `UNIQUE_VIOLATION`: a row with that key stands there already.
 * - `STORE_ERROR`: any other refusal of the database, thus a mistake in our code.
 */
export type StoreErrorType = "STORE_UNAVAILABLE" | "STORE_CONFLICT" | "UNIQUE_VIOLATION" | "STORE_ERROR";

const texts: Record<StoreErrorType, string> = {
  STORE_UNAVAILABLE: "The store cannot be reached just now; try again",
  STORE_CONFLICT: "Too many changes at once; try again",
  UNIQUE_VIOLATION: "Such an entry exists already",
  STORE_ERROR: "The store refused a statement",
};

/** A database's error without SQL or values in its message; the original stays as `cause` for the log. */
export function storeError(type: StoreErrorType, cause?: unknown): Error {
  const retryable = type === "STORE_UNAVAILABLE" || type === "STORE_CONFLICT";
  const error = retryable
    ? new Errors.MoleculerRetryableError(texts[type], 503, type)
    : new Errors.MoleculerError(texts[type], 500, type);
  error.cause = cause;
  return error;
}

/** The `type` of an error that crossed a call or came from the store. */
export const typeOf = (error: unknown): string | undefined =>
  typeof error === "object" && error !== null && "type" in error && typeof error.type === "string"
    ? error.type
    : undefined;

/** A refusal that only its caller sees (4xx), as opposed to a fault. */
export const isRefusal = (error: unknown): boolean =>
  typeof error === "object" &&
  error !== null &&
  "code" in error &&
  typeof error.code === "number" &&
  error.code >= 400 &&
  error.code < 500;

/** What an error says, down to the driver's own words. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? `${error.message} (${cause.message})` : error.message;
}
