import { isType, statusOf, type FieldError, type RefusalData } from "./errors.ts";
import { http } from "./node-http.ts";

/** An error as the client sees it (RFC 9457); refusals may add members of their own, such as `items`. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  requestId: string;
  errors?: readonly FieldError[];
  [member: string]: unknown;
}

export interface ProblemAnswer {
  status: number;
  headers: Record<string, string>;
  body: Problem;
}

interface Facts {
  status: number;
  code: string;
  detail: string;
  retryAfterSeconds?: number;
  members?: Record<string, unknown>;
  firstRequestId?: string;
}

/** The store cannot answer now: nobody offers the action, or whoever does is too slow, full or gone. */
const UNAVAILABLE = [
  "SERVICE_NOT_FOUND",
  "SERVICE_NOT_AVAILABLE",
  "REQUEST_TIMEOUT",
  "REQUEST_SKIPPED",
  "REQUEST_REJECTED",
  "QUEUE_FULL",
  "BAD_GATEWAY",
  "STORE_UNAVAILABLE",
  "STORE_CONFLICT",
  "BUSY",
] as const;

/** What reading and routing a request may refuse (body-parser and moleculer-web), in our words: theirs echo the input. */
const REQUEST_ERRORS: Readonly<Record<string, readonly [number, string, string]>> = {
  "entity.parse.failed": [400, "INVALID_JSON", "The body is not valid JSON."],
  "entity.verify.failed": [400, "INVALID_BODY", "The body could not be read."],
  "entity.too.large": [413, "BODY_TOO_LARGE", "The body is larger than this route allows."],
  "encoding.unsupported": [415, "UNSUPPORTED_MEDIA_TYPE", "The body's encoding is not supported."],
  "charset.unsupported": [415, "UNSUPPORTED_MEDIA_TYPE", "The body's character set is not supported."],
  "request.aborted": [400, "INVALID_BODY", "The request ended before its body."],
  "request.size.invalid": [400, "INVALID_BODY", "The body's length differs from Content-Length."],
  "parameters.too.many": [413, "BODY_TOO_LARGE", "The body has too many parameters."],
  INVALID_REQUEST_BODY: [400, "INVALID_JSON", "The body is not valid JSON."],
  INVALID_RESPONSE_TYPE: [500, "INTERNAL", "Something went wrong on our side."],
  PAYLOAD_TOO_LARGE: [413, "BODY_TOO_LARGE", "The body is larger than this route allows."],
  RATE_LIMIT_EXCEEDED: [429, "TOO_MANY_REQUESTS", "Too many requests; wait before the next one."],
  ORIGIN_NOT_ALLOWED: [403, "ORIGIN_NOT_ALLOWED", "This origin may not call the API."],
  NOT_FOUND: [404, "NOT_FOUND", "There is nothing at this address."],
};

const CODE = /^[A-Z][A-Z0-9_]{1,63}$/;
const STANDARD = new Set(["type", "title", "status", "detail", "code", "requestId", "instance"]);

/** Any error as a problem: expected refusals keep their code and words, everything else is a bare 500 `INTERNAL`. */
export function toProblem(error: unknown, requestId: string): ProblemAnswer {
  const facts = factsOf(error);
  const { status, code, detail, retryAfterSeconds, members, firstRequestId = requestId } = facts;
  const body: Problem = {
    type: `urn:valence:problem:${code.toLowerCase().replaceAll("_", "-")}`,
    title: http.STATUS_CODES[status] ?? "Error",
    status,
    detail,
    code,
    requestId: firstRequestId,
    ...members,
  };
  const headers: Record<string, string> = { "Content-Type": "application/problem+json" };
  if (retryAfterSeconds !== undefined)
    headers["Retry-After"] = String(Math.max(1, Math.ceil(retryAfterSeconds)));
  return { status, headers, body };
}

function factsOf(error: unknown): Facts {
  // 408 is the client that was too slow, not we.
  if (isType(error, ...UNAVAILABLE) && statusOf(error) !== 408) {
    const detail = "The store cannot answer this request right now; try again.";
    return { status: 503, code: "UNAVAILABLE", detail, retryAfterSeconds: 1 };
  }
  if (typeof error !== "object" || error === null) return internal;
  const { type, message, data } = error as { type?: unknown; message?: unknown; data?: unknown };
  if (typeof type !== "string") return internal;
  if (Object.hasOwn(REQUEST_ERRORS, type)) {
    const [status, code, detail] = REQUEST_ERRORS[type] as readonly [number, string, string];
    return { status, code, detail };
  }
  const status = statusOf(error);
  const { retryAfterSeconds, members, firstRequestId } = partsOf(data);
  const deliberate = status < 500 || (status === 503 && retryAfterSeconds !== undefined);
  if (!CODE.test(type) || !deliberate) return internal;
  return {
    status,
    code: type,
    detail: String(message),
    members,
    ...(retryAfterSeconds && { retryAfterSeconds }),
    ...(firstRequestId && { firstRequestId }),
  };
}

const internal: Facts = { status: 500, code: "INTERNAL", detail: "Something went wrong on our side." };

interface Parts {
  members: Record<string, unknown>;
  retryAfterSeconds?: number;
  firstRequestId?: string;
}

/** Moleculer's own validation findings are a list; a refusal's data is an object whose fields become members. */
function partsOf(data: unknown): Parts {
  if (Array.isArray(data)) {
    const errors = data.map((one: { field?: unknown; message?: unknown }) => ({
      pointer: `/${String(one.field ?? "").replaceAll(".", "/")}`,
      message: String(one.message ?? "does not fit"),
    }));
    return { members: { errors } };
  }
  if (typeof data !== "object" || data === null) return { members: {} };
  const { retryAfterSeconds, firstRequestId, ...rest } = data as RefusalData;
  const members = Object.fromEntries(Object.entries(rest).filter(([name]) => !STANDARD.has(name)));
  return {
    members,
    ...(typeof retryAfterSeconds === "number" && { retryAfterSeconds }),
    ...(typeof firstRequestId === "string" && { firstRequestId }),
  };
}
