import { hash } from "node:crypto";
import { expect } from "chai";
import { eventually } from "../../helpers/eventually.ts";
import { startStore, type TestStore } from "../../helpers/store.ts";

const ADMIN = { email: "admin@example.com", password: "correct horse battery" };
const EVIL = `</script><script>alert(1)</script><img src=x onerror=alert(2)>`;

describe("the pages that the gateway sends, before any script runs", function () {
  this.timeout(60_000);
  let store: TestStore;
  let token: string;
  before(async () => {
    store = await startStore({ seed: true, env: { ADMIN_EMAIL: ADMIN.email } });
    const { body } = await store.http.post<{ accessToken: string }>("auth/login", ADMIN);
    token = body.accessToken;
  });
  after(() => store.stop());

  const get = async (path: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(store.url + path, { headers: { accept: "text/html", ...headers } });
    return { status: answer.status, headers: answer.headers, html: await answer.text() };
  };
  const pick = (html: string, pattern: RegExp): string | undefined => pattern.exec(html)?.[1];
  const titleOf = (html: string) => pick(html, /<title>([^<]*)<\/title>/);
  const canonicalOf = (html: string) => pick(html, /<link rel="canonical" href="([^"]*)">/);
  const preloadOf = (html: string) => pick(html, /<link rel="preload" as="image" href="([^"]*)"/);
  const jsonLd = (html: string) =>
    [...html.matchAll(/<script type="application\/ld\+json">([^<]*)<\/script>/g)].map(
      ([, text = ""]) => JSON.parse(text) as Record<string, unknown>,
    );
  const dataOf = (html: string) =>
    JSON.parse(
      pick(html, /<script type="application\/json" id="page-data">([^<]*)<\/script>/) ?? "",
    ) as Record<string, Record<string, unknown>>;

  it("name a product, its address, its picture and what search engines read of it", async () => {
    const { status, html } = await get("/p/enamelled-casserole?ref=mail");
    expect(status).to.equal(200);
    expect(titleOf(html)).to.equal("Enamelled casserole · Valence");
    expect(pick(html, /<meta name="description" content="([^"]*)">/)).to.match(/^Cast iron under/);
    expect(canonicalOf(html)).to.equal(`${store.url}/p/enamelled-casserole`);
    expect(pick(html, /<meta property="og:title" content="([^"]*)">/)).to.equal(titleOf(html));
    expect(pick(html, /<meta property="og:type" content="([^"]*)">/)).to.equal("product");
    const picture = pick(html, /<meta property="og:image" content="([^"]*)">/);
    expect(picture).to.equal(store.url + String(preloadOf(html)).replace(/\.svg$/, ".jpg"));
    expect((await get(String(preloadOf(html)))).status).to.equal(200);
    const shared = await fetch(String(picture));
    expect([shared.status, shared.headers.get("content-type")]).to.deep.equal([200, "image/jpeg"]);
    await shared.body?.cancel();
    const [product, trail] = jsonLd(html);
    expect(product).to.include({ "@type": "Product", name: "Enamelled casserole" });
    const offers = product?.offers as Record<string, string>[];
    expect(offers.map(({ price }) => price)).to.deep.equal(["119.00", "119.00", "159.00", "159.00"]);
    expect(offers[0]).to.include({
      priceCurrency: "GBP",
      availability: "https://schema.org/InStock",
    });
    const names = (trail?.itemListElement as { name: string }[]).map(({ name }) => name);
    expect(names).to.deep.equal(["Home", "Kitchen", "Enamelled casserole"]);
  });

  it("hold the first view's markup, and its data by the addresses that the API has for them", async () => {
    const isWhole = async (path: string) => {
      const { status, html } = await get(path);
      expect(status, path).to.equal(200);
      expect(html, path).to.match(/<div id="app" data-shown="en GBP">[^]*<h1/);
      const data = dataOf(html);
      expect(Object.keys(data).length, path).to.be.at.least(2);
      for (const [url, value] of Object.entries(data)) {
        const answer = await fetch(store.url + url);
        expect(answer.status, url).to.equal(200);
        expect(await answer.json(), url).to.deep.equal(value);
      }
      return true;
    };
    // The search index may still take in the stock of what was just seeded, between a page and the look at the API.
    for (const path of ["/", "/c/kitchen?option.colour=rust", "/p/enamelled-casserole", "/search?q=teapt"])
      await eventually(() => isWhole(path));
    expect((await get("/c/kitchen")).html).to.contain("Enamelled casserole");
  });

  it("answer 404 for a product, a category and a page that do not exist, and keep them out of indexes", async () => {
    for (const path of ["/p/nothing", "/c/nothing", "/p/%C3%A4", "/nothing", "/account/nothing/at/all"]) {
      const { status, headers, html } = await get(path);
      if (path.includes("%")) expect(status, path).to.equal(404);
      else {
        expect(status, path).to.equal(404);
        expect(headers.get("x-robots-tag"), path).to.equal("noindex");
        expect(titleOf(html), path).to.equal("This page is not here · Valence");
        expect(canonicalOf(html), path).to.equal(undefined);
      }
    }
  });

  it("keep what belongs to one person, and lists of results, out of indexes", async () => {
    for (const path of ["/cart", "/checkout", "/login", "/account/orders", "/admin", "/search?q=tea"]) {
      const { status, headers, html } = await get(path);
      expect(status, path).to.equal(200);
      expect(headers.get("x-robots-tag"), path).to.equal("noindex");
      expect(html, path).to.contain('<meta name="robots" content="noindex">');
    }
    expect((await get("/")).headers.get("x-robots-tag")).to.equal(null);
  });

  it("speak the language and the currency that were chosen, else the browser's language", async () => {
    const german = await get("/p/enamelled-casserole", { "accept-language": "de-AT,de;q=0.9" });
    expect(german.html).to.match(/<html lang="de"/);
    expect(german.html).to.contain("In den Warenkorb");
    const chosen = await get("/p/enamelled-casserole", { cookie: "a=b; preferences=de.EUR.dark" });
    expect(chosen.html).to.match(/<html lang="de" data-theme="dark"/);
    expect(chosen.html).to.match(/data-shown="de EUR"[^]*139,00\s€/);
    expect(chosen.headers.get("vary")).to.contain("Cookie");
    const nonsense = await get("/", { cookie: 'preferences="><script>.XXX.dark' });
    expect(nonsense.html).to.match(/<html lang="en">[^]*data-shown="en GBP"/);
  });

  it("change with the answers that they show, and at once", async () => {
    const { body: product } = await store.http.get<{ id: string; version: number }>("products/mixing-bowl");
    const before = await get("/p/mixing-bowl");
    const again = await fetch(`${store.url}/p/mixing-bowl`, {
      headers: { accept: "text/html", "if-none-match": before.headers.get("etag") ?? "" },
    });
    // fetch asks for compressed pages, and each encoding has a tag of its own.
    expect(again.status).to.equal(304);
    const name = `Bowl ${EVIL}`;
    const changed = await store.http.patch(
      `admin/products/${product.id}`,
      { name, description: EVIL },
      { token, headers: { "if-match": `"${product.version}"` } },
    );
    expect(changed.status, JSON.stringify(changed.body)).to.equal(200);
    const { html, headers } = await get("/p/mixing-bowl");
    expect(headers.get("etag")).to.not.equal(before.headers.get("etag"));
    expect(html).to.contain("Bowl &lt;/script&gt;");
    expect(html).to.not.contain(EVIL);
    expect(html).to.not.match(/<img src=x|<script>/);
    expect(jsonLd(html)[0]?.name).to.equal(name);
    expect(dataOf(html)["/api/v1/products/mixing-bowl?currency=GBP"]?.name).to.equal(name);
  });

  it("hold no script but the one that the policy names by its hash, and no style of an element", async () => {
    const { html, headers } = await get("/?q=<script>alert(1)</script>");
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy)
      .to.match(/style-src 'self' 'sha256-[^']+'/)
      .and.not.match(/unsafe/);
    const inline = [...html.matchAll(/<script(?![^>]* src=)([^>]*)>([^]*?)<\/script>/g)];
    const code = inline.filter(([, attributes = ""]) => !/type="application\/(ld\+)?json"/.test(attributes));
    expect(code).to.have.length(1);
    expect(policy).to.contain(`script-src 'self' 'sha256-${hash("sha256", code[0]?.[2] ?? "", "base64")}'`);
    expect(html).to.not.match(/ style="| on\w+="/);
  });

  it("come compressed to who takes it, and plain to who does not", async () => {
    for (const [encoding, sent] of [
      ["br, gzip", "br"],
      ["gzip", "gzip"],
      ["identity", null],
      ["br;q=0, gzip", "gzip"],
    ] as const) {
      const { headers, html } = await get("/", { "accept-encoding": encoding });
      expect(headers.get("content-encoding"), encoding).to.equal(sent);
      expect(html, encoding).to.match(/^<!doctype html>/i);
    }
    const head = await fetch(`${store.url}/`, { method: "HEAD" });
    expect(head.status).to.equal(200);
    expect(Number(head.headers.get("content-length"))).to.be.above(1000);
  });

  it("lead robots to every page that is for anyone", async () => {
    const robots = await get("/robots.txt");
    expect(robots.html).to.contain(`Sitemap: ${store.url}/sitemap.xml`).and.contain("Disallow: /account");
    const files = [...(await get("/sitemap.xml")).html.matchAll(/<loc>([^<]+)<\/loc>/g)].map(
      ([, url]) => url,
    );
    expect(files).to.deep.equal([`${store.url}/sitemap-pages.xml`, `${store.url}/sitemap-products-1.xml`]);
    const { html, headers } = await get("/sitemap-products-1.xml");
    expect(headers.get("content-type")).to.match(/^application\/xml/);
    const { body } = await store.http.get<{ total: number }>("products?limit=1");
    const urls = [...html.matchAll(/<loc>([^<]+)<\/loc><lastmod>/g)].map(([, url]) => url ?? "");
    expect(new Set(urls).size).to.equal(body.total);
    expect(urls).to.include(`${store.url}/p/enamelled-casserole`);
    expect((await get("/sitemap-pages.xml")).html).to.contain(`<loc>${store.url}/c/kitchen</loc>`);
    expect((await get("/sitemap-products-2.xml")).status).to.equal(404);
    expect((await get("/sitemap-products-0.xml")).status).to.equal(404);
  });
});
