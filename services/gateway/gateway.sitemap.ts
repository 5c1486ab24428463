import { Readable } from "node:stream";
import type { Caller } from "../../contract/implement.ts";
import { notFoundPath } from "./gateway.errors.ts";

type Call = Caller["call"];

/** Addresses of products in one file; the protocol allows 50,000. */
const PER_FILE = 10_000;
const PER_CALL = 500;
const xml = '<?xml version="1.0" encoding="UTF-8"?>\n';
const schema = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"';

/** The index: one file of pages, and as many of products as there are. */
export async function sitemapIndex(call: Call, base: string): Promise<string> {
  const { total } = await call("search.addresses", { offset: 0, limit: 1 });
  const files = Array.from(
    { length: Math.ceil(total / PER_FILE) },
    (_, i) => `/sitemap-products-${i + 1}.xml`,
  );
  const entries = ["/sitemap-pages.xml", ...files].map(
    (path) => `<sitemap><loc>${base}${path}</loc></sitemap>\n`,
  );
  return `${xml}<sitemapindex ${schema}>\n${entries.join("")}</sitemapindex>\n`;
}

export async function pageSitemap(call: Call, base: string): Promise<string> {
  const { data } = await call("products.categories", {});
  const paths = ["/", ...data.map(({ slug }) => `/c/${slug}`)];
  return `${xml}<urlset ${schema}>\n${paths.map((path) => entry(base + path)).join("")}</urlset>\n`;
}

/**
 * The addresses of one file, written while they are sent.
 * @throws 404 for a file behind the last one
 */
export async function productSitemap(call: Call, base: string, file: number): Promise<Readable> {
  const start = (file - 1) * PER_FILE;
  const read = async (offset: number) => (await call("search.addresses", { offset, limit: PER_CALL })).data;
  const first = await read(start);
  if (first.length === 0) throw notFoundPath();
  async function* lines(): AsyncGenerator<string> {
    yield `${xml}<urlset ${schema}>\n`;
    let data = first;
    for (let at = start + PER_CALL; data.length > 0; at += PER_CALL) {
      yield data.map(({ slug, updatedAt }) => entry(`${base}/p/${slug}`, updatedAt)).join("");
      data = at < start + PER_FILE ? await read(at) : [];
    }
    yield "</urlset>\n";
  }
  return Readable.from(lines());
}

/** Slugs and our own address have no character that XML would read as anything else. */
const entry = (address: string, changed?: string): string =>
  `<url><loc>${address}</loc>${changed === undefined ? "" : `<lastmod>${changed}</lastmod>`}</url>\n`;

const privatePaths = ["/admin", "/account", "/checkout", "/cart", "/orders/", "/api/"];

export const robotsText = (base: string): string =>
  `User-agent: *\n${privatePaths.map((path) => `Disallow: ${path}\n`).join("")}Allow: /\n\n` +
  `Sitemap: ${base}/sitemap.xml\n`;
