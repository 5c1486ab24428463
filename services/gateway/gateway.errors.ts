import { forbidden, invalid, refuse, unauthenticated } from "../../contract/errors.ts";

export const queryTooLong = (most: number): Error =>
  invalid([{ pointer: "", message: `the query may have at most ${most} parameters` }]);
export const fieldOfPath = (name: string): Error =>
  refuse(422, "FIELD_OF_PATH", "The body repeats what the path says.", {
    errors: [{ pointer: `/${name}`, message: "is given by the path and cannot stand in the body" }],
  });

export const notFoundPath = (): Error => refuse(404, "NOT_FOUND", "There is nothing at this address.");
export const methodNotAllowed = (): Error =>
  refuse(405, "METHOD_NOT_ALLOWED", "This resource does not know the method; see the header Allow.");
export const malformedUrl = (): Error => refuse(400, "URL_MALFORMED", "The address is not well formed.");
export const tooManyHeaders = (): Error =>
  refuse(431, "HEADERS_TOO_LARGE", "The request has too many headers.");

export const wrongMediaType = (expected: string): Error =>
  refuse(415, "UNSUPPORTED_MEDIA_TYPE", `The body must be ${expected}.`);
export const bodyTooLarge = (): Error =>
  refuse(413, "BODY_TOO_LARGE", "The body is larger than this resource takes.");
export const bodyTooSlow = (): Error => refuse(408, "REQUEST_TIMEOUT", "The body did not arrive in time.");
export const badJson = (): Error => refuse(400, "INVALID_JSON", "The body is not valid JSON.");
export const jsonTooDeep = (): Error => refuse(400, "JSON_TOO_DEEP", "The body is nested too deep.");
export const notAnArray = (): Error => invalid([{ pointer: "", message: "must be an array of rows" }]);
export const notAnObject = (): Error => invalid([{ pointer: "", message: "must be an object" }]);

export const invalidToken = (): Error =>
  unauthenticated("INVALID_TOKEN", "The access token or API key is not valid, or no longer.");
export const notSignedIn = (): Error => unauthenticated();
export const notAllowed = (): Error => forbidden();
export const crossSite = (): Error =>
  forbidden("CROSS_SITE_REQUEST", "This resource answers requests from the store's own pages only.");

export const keyRequired = (): Error =>
  refuse(400, "IDEMPOTENCY_KEY_REQUIRED", "This request needs the header Idempotency-Key.");
export const keyMalformed = (): Error =>
  refuse(400, "IDEMPOTENCY_KEY_INVALID", "Idempotency-Key must be 1 to 255 visible ASCII characters.");
export const versionRequired = (): Error =>
  refuse(
    428,
    "PRECONDITION_REQUIRED",
    "This request needs the header If-Match with the version that it changes.",
  );
export const versionMalformed = (): Error =>
  refuse(400, "IF_MATCH_INVALID", 'If-Match must name one version, such as "3" in quotes.');

export const tooManyRequests = (retryAfterSeconds: number): Error =>
  refuse(429, "TOO_MANY_REQUESTS", "Too many requests; try again later.", { retryAfterSeconds });
export const parkedNotFound = (): Error =>
  refuse(404, "PARKED_NOT_FOUND", "There is no such parked message.");
