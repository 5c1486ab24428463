import type { PublishedAction } from "./define.ts";
import { commonHeaders, ref, type Json } from "./openapi-parts.ts";

/** Beside those of every answer. */
const furtherHeaders: Readonly<Record<number, readonly string[]>> = {
  401: ["WWW-Authenticate"],
  429: ["Retry-After"],
  503: ["Retry-After"],
};

/** Refusals that many actions share; where a status has none but one of these, it stands once in the document. */
const common: Readonly<Record<string, number>> = {
  VALIDATION_ERROR: 422,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  VERSION_MISMATCH: 412,
  BODY_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  URL_MALFORMED: 400,
  INVALID_JSON: 400,
  JSON_TOO_DEEP: 400,
  INVALID_BODY: 400,
  INVALID_TOKEN: 401,
  NOT_FOUND: 404,
  REQUEST_TIMEOUT: 408,
  IN_FLIGHT: 409,
  PRECONDITION_REQUIRED: 428,
  TOO_MANY_REQUESTS: 429,
  INTERNAL: 500,
  UNAVAILABLE: 503,
};

/** The document's shared responses, by code. */
export const sharedProblems: Json = Object.fromEntries(
  Object.entries(common).map(([code, status]) => [code, problemAnswer(status, [code])]),
);

/** What is refused before a route is known, so that no route lists it. */
export const edgeProblems: Readonly<Record<string, number>> = {
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  HEADERS_TOO_LARGE: 431,
  /** What came was no HTTP, too many header bytes, or too slow: answered before the gateway sees a request. */
  BAD_REQUEST: 400,
  REQUEST_HEADER_FIELDS_TOO_LARGE: 431,
  REQUEST_TIMEOUT: 408,
  /** Asking for addresses that do not exist counts, too. */
  TOO_MANY_REQUESTS: 429,
};

/** Every code that the API can answer. */
export const problemCodes = (actions: readonly PublishedAction[]): string[] =>
  [
    ...new Set([
      ...Object.keys(edgeProblems),
      ...actions.flatMap((action) => [...codesOf(action).values()].flatMap((codes) => [...codes])),
    ]),
  ].sort();

/** The refusals of the action's own, and those that every request of its kind can get, by status. */
export const problemsOf = (action: PublishedAction): Json =>
  Object.fromEntries([...codesOf(action)].map(([status, found]) => [status, answerOf(status, [...found])]));

function codesOf(action: PublishedAction): Map<number, Set<string>> {
  const signedIn = action.auth !== "anyone" && action.auth !== "provider";
  const hasBody = !/^(GET|DELETE) /.test(action.rest);
  const takesJson = hasBody && (action.body ?? "json") === "json";
  const isParsed = takesJson || action.body === "rows";
  const shared: Record<string, number> = {
    ...pick("VALIDATION_ERROR", "TOO_MANY_REQUESTS", "INTERNAL", "UNAVAILABLE"),
    ...pick("URL_MALFORMED", "INVALID_TOKEN"),
    ...(action.rest.includes("/:") && pick("NOT_FOUND")),
    ...("cursor" in action.params.properties && { CURSOR_INVALID: 422 }),
    ...(hasBody && pick("BODY_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE", "REQUEST_TIMEOUT", "INVALID_BODY")),
    ...(hasBody && { BODY_INCOMPLETE: 400 }),
    ...(isParsed && pick("INVALID_JSON", "JSON_TOO_DEEP")),
    ...(takesJson && action.rest.includes("/:") && { FIELD_OF_PATH: 422 }),
    ...(signedIn && pick("UNAUTHENTICATED")),
    ...((typeof action.auth === "object" || action.expand) && pick("FORBIDDEN")),
    ...(action.idempotencyKey === "required" && { IDEMPOTENCY_KEY_REQUIRED: 400 }),
    ...(action.idempotencyKey && {
      ...pick("IN_FLIGHT"),
      IDEMPOTENCY_KEY_INVALID: 400,
      IDEMPOTENCY_KEY_REUSED: 422,
    }),
    ...(action.ifMatch && { ...pick("VERSION_MISMATCH"), IF_MATCH_INVALID: 400 }),
    ...(action.ifMatch === "required" && pick("PRECONDITION_REQUIRED")),
  };
  const byStatus = new Map<number, Set<string>>();
  for (const [code, statuses] of [...Object.entries(shared), ...Object.entries(action.errors ?? {})])
    for (const status of [statuses].flat())
      byStatus.set(status, (byStatus.get(status) ?? new Set()).add(code));
  return byStatus;
}

const pick = (...codes: (keyof typeof common)[]): Record<string, number> =>
  Object.fromEntries(codes.map((code) => [code, common[code] as number]));

function answerOf(status: number, codes: readonly string[]): Json {
  const [code] = codes as [string];
  return codes.length === 1 && common[code] === status
    ? ref("responses", code)
    : problemAnswer(status, codes);
}

function problemAnswer(status: number, codes: readonly string[]): Json {
  const properties = { code: { enum: codes } };
  const names = [...commonHeaders, ...(furtherHeaders[status] ?? [])];
  return {
    description: codes.join(", "),
    headers: Object.fromEntries(names.map((name) => [name, ref("headers", name)])),
    content: {
      "application/problem+json": { schema: { allOf: [ref("schemas", "Problem"), { properties }] } },
    },
  };
}
