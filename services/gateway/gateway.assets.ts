import { existsSync } from "node:fs";
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

/** Dotfiles, source maps, ways out of the folder and odd bytes; encoded forms are refused whole. */
const forbidden = /(^|\/)\.|\.map$|\\|%|\/\/|[^\x20-\x7e]/i;
/** What names a file or a folder of files is never a page of the app. */
const file = /^\/(assets|pictures)(\/|$)|\.\w+$/;
/** Built files carry a hash in their names. */
const hashed = /^\/assets\/.+-[\w-]{8,}\.\w+$/;

/** Serves the built front end with its history fallback, and the pictures of the catalogue. */
export function assets(publicDir: string, common: readonly Header[]): Assets {
  const dist = join(publicDir, "dist");
  const hasApp = existsSync(join(dist, "index.html"));
  const folders = [...(hasApp ? [dist] : []), join(publicDir, "static")].map(server);
  const built = hasApp
    ? precompressed(dist)
    : (_req: IncomingMessage, _res: ServerResponse, path: string) => path;
  return {
    hasApp,
    async serve(exchange) {
      const { req, res, path } = exchange;
      if (forbidden.test(path)) throw notFoundPath();
      for (const [name, value] of common) res.setHeader(name, value);
      res.setHeader("Content-Security-Policy", pagePolicy).setHeader("X-Request-ID", exchange.id);
      if (exchange.headers.includes("close")) res.setHeader("Connection", "close");
      for (const [i, folder] of folders.entries())
        if (await folder(req, res, i === 0 ? built(req, res, path) : path)) return;
      const wantsPage = hasApp && (req.headers.accept ?? "").includes("text/html") && !file.test(path);
      if (wantsPage && (await folders[0]?.(req, res, built(req, res, "/index.html")))) return;
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
    index: "index.html",
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
