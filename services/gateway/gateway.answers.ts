import { hash } from "node:crypto";
import { pipeline, type Readable } from "node:stream";
import { createGzip } from "node:zlib";
import type { Meta } from "../../contract/meta.ts";
import type { RefreshCookie } from "./gateway.cookies.ts";
import { encoder } from "./gateway.encode.ts";
import type { Select } from "./gateway.fields.ts";
import { apiRoot, type Published } from "./gateway.routes.ts";
import { rowsStream, type More, type RowsFormat, type RowsPage } from "./gateway.rows.ts";
import type { Exchange } from "./gateway.types.ts";

export type Header = readonly [name: string, value: string];
/** What a request asked of its answer. */
export interface Wishes {
  readonly select?: Select | undefined;
  /** Further pages of an export. */
  readonly more: More;
  readonly format: RowsFormat;
}
export type Answer = (exchange: Exchange, meta: Meta, value: unknown, wishes: Wishes) => void;

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
export function send(
  exchange: Exchange,
  status: number,
  headers: readonly string[],
  body: string | Buffer,
): void {
  const { res, headers: own } = exchange;
  const length = Buffer.byteLength(body);
  res.writeHead(status, [...headers, "X-Request-ID", exchange.id, "Content-Length", String(length), ...own]);
  res.end(body);
}

/** Makes the function that sends a route's answers; all that does not depend on the answer is worked out here. */
export function answerer(route: Published, around: Surroundings): Answer {
  const { answer = "json" } = route.action;
  if (answer === "json") return jsonAnswerer(route, around);
  if (answer === "rows") return rowsAnswerer(route, around);
  return streamAnswerer(mediaTypes[answer], answer, around);
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
  const isConditional = method === "GET" && action.etag !== undefined;
  return (exchange, meta, value, { select }) => {
    if (meta.setRefreshToken !== undefined)
      exchange.headers.push("Set-Cookie", cookie.write(meta.setRefreshToken));
    if (meta.replayed) exchange.headers.push("Idempotent-Replayed", "true");
    if (value === null || value === undefined) return sendNothing(exchange, plain);
    if (action.etag === "version") pushVersion(exchange, value);
    if (location !== undefined) pushLocation(exchange, location, value);
    if (isConditional && !isPublic && isCurrent(exchange)) return sendUnchanged(exchange, plain);
    const body = select === undefined ? encode(value) : JSON.stringify(select(JSON.parse(encode(value))));
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

/** Whether the client names the version that it would get. */
function isCurrent({ req, headers }: Exchange): boolean {
  const at = headers.indexOf("ETag");
  return at >= 0 && matches(req.headers["if-none-match"], headers[at + 1] as string);
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

function streamAnswerer(mediaType: string, kind: "sse" | "csv" | "html", around: Surroundings): Answer {
  const { common } = around;
  const policy = ["Content-Security-Policy", kind === "html" ? pagePolicy : dataPolicy];
  const headers = [...common.flat(), ...policy, "Cache-Control", "no-store", "X-Accel-Buffering", "no"];
  return (exchange, meta, value) =>
    sendStream(exchange, around, value as Readable, {
      status: meta.status ?? 200,
      headers: [...headers, "Content-Type", mediaType],
      isLong: kind === "csv",
    });
}

/** The gateway itself writes the rows of an export, a page at a time. */
function rowsAnswerer(route: Published, around: Surroundings): Answer {
  const headers = [
    ...around.common.flat(),
    "Content-Security-Policy",
    dataPolicy,
    "Cache-Control",
    "no-store",
  ];
  const name = route.path.split("/").at(-1) ?? "export";
  return (exchange, _meta, value, { more, format }) => {
    const file = ["Content-Disposition", `attachment; filename="${name}.${format}"`];
    const stream = rowsStream(route.action.returns, format, value as RowsPage, more);
    const all = [...headers, ...file, "Content-Type", mediaTypes[format]];
    sendStream(exchange, around, stream, { status: 200, headers: all, isLong: true });
  };
}

interface StreamHead {
  readonly status: number;
  readonly headers: readonly string[];
  /** A long text, worth its compression; events must leave one by one. */
  readonly isLong: boolean;
}

/** `gzip`, or `*`, unless it is refused with `q=0`. */
export const takesGzip = (header: string | undefined): boolean =>
  header !== undefined && /(^|[\s,])(gzip|\*)\s*(;\s*q=(?!0(\.0*)?\s*(,|$))[\d.]+)?\s*(,|$)/i.test(header);

function sendStream(exchange: Exchange, { streams }: Surroundings, stream: Readable, head: StreamHead): void {
  const { req, res } = exchange;
  req.socket.setTimeout(0);
  const isSmaller = head.isLong && takesGzip(req.headers["accept-encoding"]);
  const coding = [
    ...(head.isLong ? ["Vary", "Accept-Encoding"] : []),
    ...(isSmaller ? ["Content-Encoding", "gzip"] : []),
  ];
  res.writeHead(head.status, [...head.headers, ...coding, "X-Request-ID", exchange.id, ...exchange.headers]);
  if (req.method === "HEAD") {
    stream.destroy();
    res.end();
    return;
  }
  res.flushHeaders();
  streams.add(stream);
  const done = (): void => void streams.delete(stream);
  if (isSmaller) pipeline(stream, createGzip({ level: 5 }), res, done);
  else pipeline(stream, res, done);
}
