import { expect } from "chai";
import { parse } from "csv-parse/sync";
import { generateProducts, generatedCategories, productMaker, toCsv } from "../../../bench/generator.ts";
import type { SampleProduct } from "../../../services/products/seed/index.ts";

const first = (count: number, seed = 7): SampleProduct[] => [...generateProducts({ seed, count })];

describe("generated catalogue", () => {
  const thousand = first(1000);

  it("gives the same first thousand products for the same seed, whatever the count", () => {
    const again: SampleProduct[] = [];
    for (const product of generateProducts({ seed: 7, count: 1_000_000 }))
      if (again.push(product) === 1000) break;
    expect(again).to.deep.equal(thousand);
    expect(productMaker(7)(999)).to.deep.equal(thousand[999]);
  });

  it("gives other products for another seed, and no SKU of theirs", () => {
    const skus = (products: SampleProduct[]): string[] =>
      products.flatMap((p) => p.variants.map((v) => v.sku));
    const known = new Set(skus(thousand));
    expect(skus(first(1000, 8)).filter((sku) => known.has(sku))).to.deep.equal([]);
    expect(first(1000, 8).filter((p, i) => p.name === thousand[i]?.name)).to.have.lengthOf(0);
  });

  it("names every SKU and slug once among fifty thousand products", () => {
    const skus = new Set<string>();
    const slugs = new Set<string>();
    let variants = 0;
    for (const product of generateProducts({ seed: 7, count: 50_000 })) {
      slugs.add(product.slug);
      for (const { sku } of product.variants) skus.add(sku);
      variants += product.variants.length;
    }
    expect(slugs.size).to.equal(50_000);
    expect(skus.size).to.equal(variants);
  });

  it("uses words as unevenly as people do", () => {
    const counts = new Map<string, number>();
    for (const { description } of thousand)
      for (const word of description.toLowerCase().match(/[a-z]+/g) ?? [])
        counts.set(word, (counts.get(word) ?? 0) + 1);
    const sorted = [...counts.values()].sort((a, b) => b - a);
    const total = sorted.reduce((sum, n) => sum + n, 0);
    const top = sorted.slice(0, 100).reduce((sum, n) => sum + n, 0);
    expect(top / total, "share of the hundred most frequent").to.be.within(0.35, 0.75);
    expect((sorted[9] ?? 0) / (sorted[99] ?? 1), "the tenth against the hundredth").to.be.within(4, 20);
    expect(sorted.length, "different words").to.be.above(4000);
  });

  it("keeps to what the catalogue accepts: shape, categories, prices, one to nine variants", () => {
    const categories = new Set(generatedCategories().map(({ slug }) => slug));
    for (const product of thousand) {
      expect(product.slug).to.match(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(categories).to.include(product.categories[0]);
      expect(product.variants.length).to.be.within(1, 9);
      for (const { options, prices, stock } of product.variants) {
        expect(Object.keys(options)).to.deep.equal(product.options);
        expect(prices.map(({ currency }) => currency)).to.deep.equal(["GBP", "EUR", "USD"]);
        expect(
          [...prices.map(({ amount }) => amount - 1), stock].every((n) => Number.isInteger(n) && n >= 0),
        ).to.equal(true);
      }
    }
  });
});

describe("generated catalogue as CSV", () => {
  it("writes one row per variant in the format of imports", async () => {
    const products = first(200);
    const rows = await rowsOf(products);
    const variants = products.flatMap((product) => product.variants.map((variant) => ({ product, variant })));
    expect(rows).to.have.lengthOf(variants.length);
    for (const [i, { product, variant }] of variants.entries()) {
      expect(rows[i]).to.deep.equal({
        sku: variant.sku,
        name: product.name,
        description: product.description,
        category: product.categories[0],
        price: major(variant.prices[0]?.amount),
        currency: "GBP",
        stock: String(variant.stock),
        image: product.images[0]?.url,
        product: product.slug,
        "option:size": variant.options.size ?? "",
        "option:colour": variant.options.colour ?? "",
        "price:EUR": major(variant.prices[1]?.amount),
        "price:USD": major(variant.prices[2]?.amount),
      });
    }
  });

  it("quotes commas, quotes and line breaks", async () => {
    const [plain] = first(1);
    const awkward = { ...(plain as SampleProduct), name: 'Mug, "large"', description: "One.\nTwo." };
    const [row] = await rowsOf([awkward]);
    expect(row).to.include({ name: 'Mug, "large"', description: "One.\nTwo." });
  });

  it("prices below one major unit with a nought before the point", async () => {
    const [plain] = first(1);
    const [variant] = plain?.variants ?? [];
    if (!plain || !variant) throw new Error("the generator gave nothing");
    const cheap = { ...plain, variants: [{ ...variant, prices: [{ amount: 5, currency: "GBP" }] }] };
    expect((await rowsOf([cheap]))[0]).to.include({ price: "0.05", "price:EUR": "" });
  });
});

const major = (amount = 0): string => (amount / 100).toFixed(2);

async function rowsOf(products: SampleProduct[]): Promise<Record<string, string>[]> {
  return parse(Buffer.concat(await toCsv(products).map(Buffer.from).toArray()), { columns: true });
}
