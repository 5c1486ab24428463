import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { matches, type Header } from "./gateway.answers.ts";
import { notFoundPath } from "./gateway.errors.ts";
import { KeptPages, type KeptPage } from "./gateway.kept-pages.ts";
import type { Ask, FrontEnd, OpenedPage, PageRequest, WrittenPage } from "./gateway.page.types.ts";
import { takes } from "./gateway.precompressed.ts";
import { preferencesOf, type Preferences } from "./gateway.preferences.ts";
import { template, type Manifest, type Template } from "./gateway.template.ts";
import type { Exchange } from "./gateway.types.ts";

interface Options {
  readonly publicDir: string;
  readonly common: readonly Header[];
  readonly baseOf: (exchange: Exchange) => string;
  readonly ask: (exchange: Exchange) => Ask;
  readonly onError: (error: unknown) => void;
}
export interface Front {
  /** The front end is built. */
  readonly isBuilt: boolean;
  serve(exchange: Exchange): Promise<void>;
}

/** A page that nobody rendered: the browser makes all of it. */
const bare: WrittenPage = { head: "<title>Valence</title>", body: "", picture: undefined, modules: [] };
/** Pages that wait to be rendered; further ones are sent without their markup. */
const MOST_WAITING = 20;

/** Sends the pages of the front end: written for their address, with their data, as fresh as the answers of the API. */
export function front({ publicDir, common, baseOf, ask, onError }: Options): Front {
  const dist = join(publicDir, "dist");
  const bundle = join(publicDir, "dist-server/render.js");
  const isBuilt = existsSync(join(dist, "index.html")) && existsSync(bundle);
  const kept = new KeptPages();
  let loading: Promise<{ build: FrontEnd; frame: Template }> | undefined;
  let waiting = 0;

  /** Loaded with the first page: a gateway that serves the API alone does without. */
  const load = async (): Promise<{ build: FrontEnd; frame: Template }> => {
    const manifest = readFileSync(join(dist, ".vite/manifest.json"), "utf8");
    const html = readFileSync(join(dist, "index.html"), "utf8");
    return {
      build: (await import(bundle)) as FrontEnd,
      frame: template(html, JSON.parse(manifest) as Manifest),
    };
  };

  const write = async (page: Page): Promise<string> => {
    const { build, frame, request, opened, preferences } = page;
    waiting++;
    try {
      const written = waiting > MOST_WAITING ? bare : await build.renderPage(request, opened);
      return frame.fill(opened, written, preferences);
    } catch (error) {
      onError(error);
      return frame.fill(opened, bare, preferences);
    } finally {
      waiting--;
    }
  };

  return {
    isBuilt,
    async serve(exchange) {
      const { build, frame } = await (loading ??= load().catch((error: unknown) => {
        loading = undefined;
        throw error;
      }));
      const preferences = preferencesOf(exchange.req.headers, build.preferences);
      const request = requestOf(exchange, preferences, baseOf(exchange));
      const opened = await build.openPage(request, ask(exchange));
      const accepted = exchange.req.headers.accept ?? "";
      if (opened.name === "not-found" && !accepted.includes("text/html")) throw notFoundPath();
      const version = opened.answers.map(({ url, json }) => url + json).join("\n");
      const key = [
        opened.status,
        request.base,
        request.path,
        request.query,
        ...Object.values(preferences),
      ].join(" ");
      const page = await kept.get(key, version, () => write({ build, frame, request, opened, preferences }));
      await send(exchange, opened, page, [...common.flat(), "Content-Security-Policy", frame.policy]);
    },
  };
}

interface Page {
  readonly build: FrontEnd;
  readonly frame: Template;
  readonly request: PageRequest;
  readonly opened: OpenedPage;
  readonly preferences: Preferences;
}

function requestOf(
  { path, query }: Exchange,
  { language, currency }: Preferences,
  base: string,
): PageRequest {
  return { path, query, language, currency, base };
}

async function send(
  exchange: Exchange,
  { status, isPrivate }: OpenedPage,
  page: KeptPage,
  headers: readonly string[],
): Promise<void> {
  const { req, res, id, headers: own } = exchange;
  const accepted = String(req.headers["accept-encoding"] ?? "");
  const encoding = (["br", "gzip"] as const).find((name) => takes(accepted, name));
  const etag = `"${page.etag}${encoding === undefined ? "" : `-${encoding}`}"`;
  const all = [
    ...headers,
    "Cache-Control",
    "private, no-cache",
    "Vary",
    "Accept-Encoding, Accept-Language, Cookie",
    "X-Request-ID",
    id,
    ...(status === 200 ? ["ETag", etag] : []),
    ...(status === 503 ? ["Retry-After", "1"] : []),
    ...(isPrivate || status !== 200 ? ["X-Robots-Tag", "noindex"] : []),
    ...own,
  ];
  if (status === 200 && matches(req.headers["if-none-match"], etag)) {
    res.writeHead(304, all).end();
    return;
  }
  const body = await page.body(encoding);
  const type = ["Content-Type", "text/html; charset=utf-8", "Content-Length", String(body.length)];
  res.writeHead(status, [...all, ...type, ...(encoding ? ["Content-Encoding", encoding] : [])]);
  res.end(body);
}
