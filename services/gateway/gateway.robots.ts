import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Caller } from "../../contract/implement.ts";
import { dataPolicy, send, type Header } from "./gateway.answers.ts";
import { pageSitemap, productSitemap, robotsText, sitemapIndex } from "./gateway.sitemap.ts";
import type { Exchange } from "./gateway.types.ts";

interface Options {
  readonly common: readonly Header[];
  readonly call: Caller["call"];
  /** Where shoppers reach the store, as this request knows it. */
  readonly baseOf: (exchange: Exchange) => string;
}

const productsFile = /^\/sitemap-products-([1-9]\d{0,4})\.xml$/;
const plain = "text/plain; charset=utf-8";
const xml = "application/xml; charset=utf-8";

/** Makes the sender of what robots ask for; it answers undefined for any other path. */
export function robots({ common, call, baseOf }: Options) {
  const headersOf = (type: string): string[] => [
    ...common.flat(),
    ...["Content-Security-Policy", dataPolicy],
    ...["Cache-Control", "public, max-age=3600"],
    ...["Content-Type", type],
  ];
  const text = async (exchange: Exchange, type: string, body: string | Promise<string>): Promise<void> =>
    send(exchange, 200, headersOf(type), await body);

  const stream = async (exchange: Exchange, body: Promise<Readable>): Promise<void> => {
    const { req, res, id, headers: own } = exchange;
    const lines = await body;
    res.writeHead(200, [...headersOf(xml), "X-Request-ID", id, ...own]);
    if (req.method === "HEAD") {
      lines.destroy();
      res.end();
      return;
    }
    // A reader that went away is no fault.
    await pipeline(lines, res).catch(() => undefined);
  };

  return (exchange: Exchange): Promise<void> | undefined => {
    const { path } = exchange;
    const base = baseOf(exchange);
    if (path === "/robots.txt") return text(exchange, plain, robotsText(base));
    if (path === "/sitemap.xml") return text(exchange, xml, sitemapIndex(call, base));
    if (path === "/sitemap-pages.xml") return text(exchange, xml, pageSitemap(call, base));
    const file = productsFile.exec(path)?.[1];
    return file === undefined ? undefined : stream(exchange, productSitemap(call, base, Number(file)));
  };
}
