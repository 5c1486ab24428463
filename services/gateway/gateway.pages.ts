import { hash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { matches, pagePolicy, dataPolicy, send, takesGzip, type Header } from "./gateway.answers.ts";
import type { Assets } from "./gateway.assets.ts";
import { methodNotAllowed, notFoundPath } from "./gateway.errors.ts";
import { isMedia } from "./gateway.media.ts";
import type { Readiness } from "./gateway.health.ts";
import { referencePage, welcomePage } from "./gateway.reference.ts";
import type { Exchange } from "./gateway.types.ts";

interface Options {
  readonly common: readonly Header[];
  readonly assets: Assets;
  /** Files of uploaded pictures. */
  readonly media: Page;
  /** Sends what robots ask for; undefined for any other path. */
  readonly robots: (exchange: Exchange) => Promise<void> | undefined;
  readonly isDraining: () => boolean;
  readonly ready: () => Promise<Readiness>;
  /** The OpenAPI document as JSON. */
  readonly openapi: () => string;
}
type Page = (exchange: Exchange) => Promise<void> | void;

/** Makes the answers outside the API: health, documents, the front end. */
export function pages({ common, assets, media, robots, isDraining, ready, openapi }: Options): Page {
  const base = common.flat();
  const json = [
    ...base,
    "Content-Security-Policy",
    dataPolicy,
    "Content-Type",
    "application/json; charset=utf-8",
  ];
  const html = [...base, "Content-Security-Policy", pagePolicy, "Content-Type", "text/html; charset=utf-8"];
  const noStore = ["Cache-Control", "no-store"];
  const health = (exchange: Exchange, status: number, body: object): void =>
    send(
      exchange,
      status,
      [...json, ...noStore, ...(status === 503 ? ["Retry-After", "1"] : [])],
      JSON.stringify(body),
    );

  let hasStarted = false;
  const fixed: Record<string, Page> = {
    "/health/live": (exchange) => health(exchange, 200, { status: "ok" }),
    "/health/ready": async (exchange) => {
      if (isDraining()) return health(exchange, 503, { status: "draining", checks: {} });
      const { ready: isReady, checks, degraded } = await ready();
      const status = !isReady ? "not ready" : degraded.length > 0 ? "degraded" : "ok";
      health(exchange, isReady ? 200 : 503, { status, checks, degraded });
    },
    // Once it was ready, this node has started, whatever happens to others.
    "/health/startup": async (exchange) => {
      hasStarted ||= (await ready()).ready;
      health(exchange, hasStarted ? 200 : 503, { status: hasStarted ? "ok" : "starting" });
    },
    "/api/openapi.json": document(json, openapi),
    "/api/docs": document(html, () => referencePage(openapi())),
  };
  return (exchange) => {
    const { path, req } = exchange;
    const page = Object.hasOwn(fixed, path) ? fixed[path] : undefined;
    if (page === undefined && isApi(path)) throw notFoundPath();
    if (req.method !== "GET" && req.method !== "HEAD") {
      exchange.headers.push("Allow", "GET, HEAD");
      throw methodNotAllowed();
    }
    if (page !== undefined) return page(exchange);
    if (isMedia(path)) return media(exchange);
    if (path === "/" && !assets.hasApp) return send(exchange, 200, [...html, ...noStore], welcomePage);
    return robots(exchange) ?? assets.serve(exchange);
  };
}

const isApi = (path: string): boolean =>
  path === "/api" || path.startsWith("/api/") || path.startsWith("/health");

interface Made {
  readonly text: string;
  readonly gzip: Buffer;
  readonly hash: string;
}

function madeOf(text: string): Made {
  return { text, gzip: gzipSync(text), hash: hash("sha1", text, "base64url") };
}

/** A long text that is made and compressed once, with an ETag for each form. */
function document(headers: readonly string[], make: () => string): Page {
  let made: Made | undefined;
  return (exchange) => {
    made ??= madeOf(make());
    const { req } = exchange;
    const isSmall = takesGzip(req.headers["accept-encoding"]);
    const etag = `"${made.hash}${isSmall ? "-gzip" : ""}"`;
    const coding = ["Vary", "Accept-Encoding", ...(isSmall ? ["Content-Encoding", "gzip"] : [])];
    const all = [...headers, ...coding, "Cache-Control", "public, no-cache", "ETag", etag];
    if (!matches(req.headers["if-none-match"], etag))
      return send(exchange, 200, all, isSmall ? made.gzip : made.text);
    exchange.res.writeHead(304, [...all, "X-Request-ID", exchange.id]).end();
  };
}
