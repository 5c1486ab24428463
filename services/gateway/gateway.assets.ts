import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import ApiGateway from "moleculer-web";
import { pagePolicy, type Header } from "./gateway.answers.ts";
import { precompressed } from "./gateway.precompressed.ts";
import { notFoundPath } from "./gateway.errors.ts";
import type { Exchange } from "./gateway.types.ts";

export interface Assets {
  /** The front end is built. */
  readonly hasApp: boolean;
  serve(exchange: Exchange): Promise<void>;
}

type Serve = (req: IncomingMessage, res: ServerResponse, next: (error?: Error) => void) => void;

/** The page's template, dotfiles, source maps, ways out of the folder and odd bytes; encoded forms are refused whole. */
const forbidden = /^\/index\.html|(^|\/)\.|\.map$|\\|%|\/\/|[^\x20-\x7e]/i;
/** What names a file or a folder of files is never a page of the app. */
const file = /^\/(assets|pictures|static)(\/|$)|\.\w+$/;
/** Built files carry a hash in their names. */
const hashed = /^\/assets\/.+-[\w-]{8,}\.\w+$/;

interface Options {
  readonly publicDir: string;
  readonly common: readonly Header[];
  /** Writes the pages of the app; undefined when it is not built. */
  readonly page: ((exchange: Exchange) => Promise<void>) | undefined;
}

/** Serves the built front end, its pages and the pictures of the catalogue. */
export function assets({ publicDir, common, page }: Options): Assets {
  const dist = join(publicDir, "dist");
  const hasApp = page !== undefined;
  const folders = [...(hasApp ? [dist] : []), join(publicDir, "static")].map(server);
  const built = hasApp
    ? precompressed(dist)
    : (_req: IncomingMessage, _res: ServerResponse, path: string) => path;
  return {
    hasApp,
    async serve(exchange) {
      const { req, res, path } = exchange;
      if (forbidden.test(path)) throw notFoundPath();
      const wantsPage = /text\/html|\*\/\*/.test(req.headers.accept ?? "*/*") && !file.test(path);
      if (page !== undefined && wantsPage) return page(exchange);
      for (const [name, value] of common) res.setHeader(name, value);
      res.setHeader("Content-Security-Policy", pagePolicy).setHeader("X-Request-ID", exchange.id);
      if (exchange.headers.includes("close")) res.setHeader("Connection", "close");
      for (const [i, folder] of folders.entries())
        if (await folder(req, res, i === 0 ? built(req, res, path) : path)) return;
      for (const name of res.getHeaderNames()) res.removeHeader(name);
      throw notFoundPath();
    },
  };
}

/** Answers whether the folder had the file. */
function server(
  folder: string,
): (req: IncomingMessage, res: ServerResponse, path: string) => Promise<boolean> {
  const serve = ApiGateway.serveStatic(folder, {
    dotfiles: "ignore",
    index: false,
    redirect: false,
    fallthrough: true,
    cacheControl: false,
    setHeaders: (res: ServerResponse, name: string) => {
      const path = name
        .slice(folder.length)
        .replaceAll("\\", "/")
        .replace(/\.(br|gz)$/, "");
      res.setHeader("Cache-Control", caching(path));
    },
  }) as unknown as Serve;
  return (req, res, path) =>
    new Promise((resolve, reject) => {
      res.once("close", () => resolve(true));
      // The path was checked; `send` reads it from here.
      req.url = path;
      serve(req, res, (error?: Error) => (error === undefined ? resolve(false) : reject(error)));
    });
}

function caching(path: string): string {
  if (hashed.test(path)) return "public, max-age=31536000, immutable";
  if (path.startsWith("/pictures/")) return "public, max-age=604800";
  return "no-cache";
}
