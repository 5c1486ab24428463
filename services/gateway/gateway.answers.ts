import { hash } from "node:crypto";
import { pipeline, type Readable } from "node:stream";
import type { Meta } from "../../contract/meta.ts";
import type { RefreshCookie } from "./gateway.cookies.ts";
import { encoder } from "./gateway.encode.ts";
import { apiRoot, type Published } from "./gateway.routes.ts";
import type { Exchange } from "./gateway.types.ts";

export type Header = readonly [name: string, value: string];
type Answer = (exchange: Exchange, meta: Meta, value: unknown) => void;

export interface Surroundings {
  /** Headers of every answer. */
  readonly common: readonly Header[];
  readonly cookie: RefreshCookie;
  /** Paths that a GET route has, to know where a created resource lives. */
  readonly readable: ReadonlySet<string>;
  /** Streams that are still being sent. */
  readonly streams: Set<Readable>;
}

const mediaTypes = {
  sse: "text/event-stream; charset=utf-8",
  csv: "text/csv; charset=utf-8",
  ndjson: "application/x-ndjson; charset=utf-8",
  html: "text/html; charset=utf-8",
} as const;

/** A page of ours needs no script but its own files, and may stand in no frame. */
export const pagePolicy =
  "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
export const dataPolicy = "default-src 'none'; frame-ancestors 'none'";

/** Sends a whole body in one write. */
export function send(exchange: Exchange, status: number, headers: readonly string[], body: string): void {
  const { res, headers: own } = exchange;
  const length = Buffer.byteLength(body);
  res.writeHead(status, [...headers, "X-Request-ID", exchange.id, "Content-Length", String(length), ...own]);
  res.end(body);
}

/** Makes the function that sends a route's answers; all that does not depend on the answer is worked out here. */
export function answerer(route: Published, around: Surroundings): Answer {
  const { answer = "json" } = route.action;
  return answer === "json"
    ? jsonAnswerer(route, around)
    : streamAnswerer(mediaTypes[answer], answer === "html", around);
}

function jsonAnswerer(route: Published, { common, cookie, readable }: Surroundings): Answer {
  const { action, method } = route;
  const encode = encoder(action.returns);
  const isPublic = method === "GET" && action.auth === "anyone" && action.etag === "hash";
  const caching = ["Cache-Control", isPublic ? "public, no-cache" : "no-store"];
  const plain = [...common.flat(), "Content-Security-Policy", dataPolicy, ...caching];
  const withBody = [...plain, "Content-Type", "application/json; charset=utf-8"];
  const success = action.status ?? 200;
  const location =
    success === 201 && readable.has(`${route.path}/:`) ? `${apiRoot}${route.path}/` : undefined;
  return (exchange, meta, value) => {
    if (meta.setRefreshToken !== undefined)
      exchange.headers.push("Set-Cookie", cookie.write(meta.setRefreshToken));
    if (meta.replayed) exchange.headers.push("Idempotent-Replayed", "true");
    if (value === null || value === undefined) return sendNothing(exchange, plain);
    if (action.etag === "version") pushVersion(exchange, value);
    if (location !== undefined) pushLocation(exchange, location, value);
    const body = encode(value);
    if (isPublic && isFresh(exchange, body)) return sendUnchanged(exchange, plain);
    send(exchange, meta.status ?? success, withBody, body);
  };
}

function sendNothing({ res, id, headers: own }: Exchange, headers: readonly string[]): void {
  res.writeHead(204, [...headers, "X-Request-ID", id, ...own]);
  res.end();
}

function sendUnchanged({ res, id, headers: own }: Exchange, headers: readonly string[]): void {
  res.writeHead(304, [...headers, "X-Request-ID", id, ...own]);
  res.end();
}

function pushVersion({ headers }: Exchange, value: unknown): void {
  const { version } = value as { version?: unknown };
  if (typeof version === "number") headers.push("ETag", `"${version}"`);
}

function pushLocation({ headers }: Exchange, base: string, value: unknown): void {
  const { id } = value as { id?: unknown };
  if (typeof id === "string") headers.push("Location", base + encodeURIComponent(id));
}

/** Adds the strong ETag of a body; true when the client has that body already. */
function isFresh({ req, headers }: Exchange, body: string): boolean {
  const etag = `"${hash("sha1", body, "base64url")}"`;
  headers.push("ETag", etag);
  return matches(req.headers["if-none-match"], etag);
}

/** `If-None-Match` compares weakly: a cache between may have marked our strong tag as weak. */
export function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return (
    header === etag ||
    header === "*" ||
    header.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag)
  );
}

function streamAnswerer(mediaType: string, isPage: boolean, { common, streams }: Surroundings): Answer {
  const policy = ["Content-Security-Policy", isPage ? pagePolicy : dataPolicy];
  const headers = [...common.flat(), ...policy, "Cache-Control", "no-store", "X-Accel-Buffering", "no"];
  return (exchange, meta, value) => {
    const { req, res } = exchange;
    const stream = value as Readable;
    req.socket.setTimeout(0);
    const all = [...headers, "Content-Type", mediaType, "X-Request-ID", exchange.id, ...exchange.headers];
    res.writeHead(meta.status ?? 200, all);
    if (req.method === "HEAD") {
      stream.destroy();
      res.end();
      return;
    }
    res.flushHeaders();
    streams.add(stream);
    pipeline(stream, res, () => streams.delete(stream));
  };
}
