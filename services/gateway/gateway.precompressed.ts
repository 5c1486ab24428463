import { readdirSync } from "node:fs";
import { extname, join } from "node:path";
import type { IncomingMessage, ServerResponse } from "node:http";

const types: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json; charset=utf-8",
};
/** Best first. */
const encodings = [
  ["br", ".br"],
  ["gzip", ".gz"],
] as const;

/** Which encodings a client takes; `q=0` refuses one. */
export const takes = (accepted: string, encoding: string): boolean =>
  accepted.split(",").some((part) => {
    const [name, ...parameters] = part.split(";").map((text) => text.trim());
    return name === encoding && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });

/**
 * The build writes `.br` and `.gz` beside its files. Answers the path to serve for a file, and says in the headers how it is
 * encoded; the path itself where nothing was compressed or the client takes no encoding.
 */
export function precompressed(
  folder: string,
): (req: IncomingMessage, res: ServerResponse, path: string) => string {
  const files = new Set(readdirSync(folder, { recursive: true }).map((name) => `/${String(name)}`));
  const isThere = (path: string): boolean => files.has(join("/", path));
  return (req, res, asked) => {
    const path = asked === "/" ? "/index.html" : asked;
    const type = types[extname(path)];
    if (type === undefined || !encodings.some(([, suffix]) => isThere(path + suffix))) return asked;
    res.setHeader("Vary", "Accept-Encoding");
    const accepted = String(req.headers["accept-encoding"] ?? "");
    const found = encodings.find(([name, suffix]) => takes(accepted, name) && isThere(path + suffix));
    if (!found) return asked;
    res.setHeader("Content-Encoding", found[0]).setHeader("Content-Type", type);
    return path + found[1];
  };
}
