import { Errors } from "moleculer";

/** One finding about the params of a call: where (RFC 6901) and what. */
export interface FieldError {
  pointer: string;
  message: string;
}

/** What a refusal may tell the client beside its code; `errors` become the `errors[]` of the problem. */
export interface RefusalData {
  errors?: readonly FieldError[];
  retryAfterSeconds?: number;
  /** The request that was refused first: a repeat under its key is answered with the same body. */
  firstRequestId?: string;
  [key: string]: unknown;
}

/**
 * An expected refusal, to be thrown: a client's error that is never retried.
 * @param type the `CODE` that clients act on
 * @param message for people; no personal data, no SQL, no path
 */
export const refuse = (status: number, type: string, message: string, data?: RefusalData): Error =>
  new Errors.MoleculerClientError(message, status, type, data);

const words = (what: string): string => what.replaceAll(/[-_]+/g, " ").replaceAll(/([a-z])([A-Z])/g, "$1 $2");
const upper = (what: string): string => words(what).replaceAll(" ", "_").toUpperCase();

/** 404 `ORDER_NOT_FOUND` for `notFound("order")`; also the answer for what the caller may not see. */
export const notFound = (what: string): Error =>
  refuse(404, `${upper(what)}_NOT_FOUND`, `There is no such ${words(what).toLowerCase()}.`);

/** 409: the row's state does not allow it. */
export const conflict = (type: string, message: string, data?: RefusalData): Error =>
  refuse(409, type, message, data);

/** 403: the caller is known, and may not. */
export const forbidden = (type = "FORBIDDEN", message = "You may not do this.", data?: RefusalData): Error =>
  refuse(403, type, message, data);

/** 401: the caller must sign in. */
export const unauthenticated = (
  type = "UNAUTHENTICATED",
  message = "Sign in first.",
  data?: RefusalData,
): Error => refuse(401, type, message, data);

/** 412: `If-Match` names a version that the row has left. */
export const versionMismatch = (): Error =>
  refuse(412, "VERSION_MISMATCH", "The resource has changed since the version that you named.");

/** 422 `VALIDATION_ERROR`: the params do not fit; `pointer` is a JSON pointer into them. */
export const invalid = (errors: readonly FieldError[]): Error =>
  refuse(422, "VALIDATION_ERROR", "The request does not fit its description.", { errors });

/** 503: not now; the same call may be repeated. */
export const unavailable = (type: string, message: string, retryAfterSeconds = 1): Error =>
  new Errors.MoleculerServerError(message, 503, type, { retryAfterSeconds });

/** Tells errors apart: classes do not survive the way from another node, `type` does. */
export const isType = (error: unknown, ...types: readonly string[]): boolean =>
  typeof error === "object" && error !== null && "type" in error && types.includes(error.type as string);

/** The HTTP status that an error asks for; 500 when it names none. */
export function statusOf(error: unknown): number {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "number" && Number.isInteger(code) && code >= 400 && code <= 599 ? code : 500;
}
