import { gzipSync } from "node:zlib";

/** Bytes after gzip. */
export interface Sizes {
  js: number;
  css: number;
  html: number;
}

const zipped = (text: string): number => gzipSync(text, { level: 9 }).length;

/** What the home page brings along: its style, and every script that it names or that those import. */
export async function firstRoute(url: string): Promise<Sizes> {
  const html = await (await fetch(url, { headers: { accept: "text/html" } })).text();
  const style = /<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? "";
  const links = [...html.matchAll(/<link rel="stylesheet"[^>]*href="([^"]+)"/g)].map(([, path = ""]) => path);
  const sheets = await Promise.all(links.map(async (path) => (await fetch(url + path)).text()));
  // Also those that the page's own starter loads once the picture is painted: it lists them in `data-` attributes.
  const waiting = [...html.matchAll(/["\s](\/assets\/[^"\s]+\.js)(?=["\s])/g)].map(([, path = ""]) => path);
  const seen = new Map<string, number>();
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (seen.has(path)) continue;
    const text = await (await fetch(url + path)).text();
    seen.set(path, zipped(text));
    for (const [, name = ""] of text.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g))
      waiting.push(`/assets/${name}`);
  }
  if (seen.size === 0) throw new Error("The home page names no script: what it weighs cannot be told.");
  return {
    js: [...seen.values()].reduce((sum, bytes) => sum + bytes, 0),
    css: [style, ...sheets].reduce((sum, text) => sum + zipped(text), 0),
    html: zipped(html),
  };
}
