import { existsSync, readdirSync, readFileSync } from "node:fs";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { expect } from "chai";
import products from "../../../services/products/products.contract.ts";
import { sampleCatalogue } from "../../../services/products/seed/index.ts";

const pictures = new URL("../../../public/static", import.meta.url);
const file = (url: string): URL => new URL(`${pictures.href}${url}`);
const { categories, products: catalogue } = sampleCatalogue();
const variants = catalogue.flatMap((product) => product.variants);

describe("sample catalogue", () => {
  it("holds at least sixty products, one to nine variants each", () => {
    expect(catalogue.length).to.be.at.least(60);
    for (const { slug, variants: own } of catalogue) expect(own.length, slug).to.be.within(1, 9);
  });

  it("names every slug and every SKU once", () => {
    const slugs = [...categories, ...catalogue].map(({ slug }) => slug);
    expect(new Set(slugs).size).to.equal(slugs.length);
    expect(new Set(variants.map(({ sku }) => sku)).size).to.equal(variants.length);
  });

  it("passes the contract of products.create and createCategory", () => {
    const ajv = new Ajv({ strict: false });
    addFormats.default(ajv);
    const fits = ajv.compile(products.actions.create.params);
    const fitsCategory = ajv.compile(products.actions.createCategory.params);
    for (const product of catalogue) {
      const own = product.variants.map(({ sku, name, options, prices }) => ({ sku, name, options, prices }));
      expect(fits({ ...product, variants: own }), `${product.slug} ${ajv.errorsText(fits.errors)}`).to.equal(
        true,
      );
    }
    for (const category of categories) expect(fitsCategory(category), category.slug).to.equal(true);
  });

  it("puts parents before their children and products into known categories", () => {
    const known = new Set<string>();
    for (const { slug, parent } of categories) {
      if (parent) expect(known, slug).to.include(parent);
      known.add(slug);
    }
    for (const { slug, categories: within } of catalogue) expect([...known], slug).to.include.members(within);
  });

  it("gives each variant its own values for all options of the product", () => {
    for (const { slug, options, variants: own } of catalogue) {
      for (const variant of own) expect(Object.keys(variant.options), variant.sku).to.deep.equal(options);
      expect(new Set(own.map(({ name }) => name)).size, slug).to.equal(own.length);
    }
  });

  it("prices everything above zero in pounds, euros and dollars", () => {
    for (const { sku, prices } of variants) {
      expect(
        prices.map(({ currency }) => currency),
        sku,
      ).to.deep.equal(["GBP", "EUR", "USD"]);
      for (const { amount } of prices) expect(amount > 0 && Number.isInteger(amount), sku).to.equal(true);
    }
  });

  it("opens with plenty of stock, some low and some sold out, and no product wholly sold out", () => {
    expect(variants.filter(({ stock }) => stock === 0).length).to.be.within(5, 25);
    expect(variants.filter(({ stock }) => stock > 0 && stock < 6).length).to.be.at.least(5);
    for (const { slug, variants: own } of catalogue)
      expect(
        own.some(({ stock }) => stock > 0),
        slug,
      ).to.equal(true);
  });

  it("describes each product in two to four sentences of its own", () => {
    for (const { slug, description } of catalogue)
      expect(description.match(/[.?!](?= [A-Z]|$)/g)?.length, slug).to.be.within(2, 4);
    expect(new Set(catalogue.map(({ description }) => description)).size).to.equal(catalogue.length);
  });
});

describe("pictures of the sample catalogue", () => {
  const urls = [
    ...categories.map(({ picture }) => picture),
    ...catalogue.flatMap((p) => p.images.map((i) => i.url)),
  ];

  it("exist for every product and category, and for nothing else", () => {
    for (const url of urls) expect(existsSync(file(url)), url).to.equal(true);
    expect(readdirSync(file("/pictures")).filter((name) => name.endsWith(".svg")).length).to.equal(
      urls.length,
    );
  });

  it("are square, carry no script or foreign address, and share no id", () => {
    const ids = new Set<string>();
    for (const url of urls) {
      const svg = readFileSync(file(url), "utf8");
      expect(svg, url).to.match(/^<svg xmlns="[^"]+" viewBox="0 0 (\d+) \1"/);
      expect(svg, url).to.not.match(/<script|<foreignObject|<image|\son\w+=|javascript:|data:|href="[^#]/i);
      for (const [, id = ""] of svg.matchAll(/\bid="([^"]+)"/g)) {
        expect(ids.has(id), id).to.equal(false);
        ids.add(id);
      }
      for (const [, id = ""] of svg.matchAll(/url\(#([^)]+)\)/g)) expect(ids.has(id), id).to.equal(true);
    }
  });
});
