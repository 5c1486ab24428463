import { expect } from "chai";
import type { ActionMap } from "../../../services/contracts.ts";
import { Sources } from "./sources.ts";
import { startSearch } from "./store.ts";
import type { TestStore } from "../../helpers/store.ts";

type Asked = ActionMap["search.products"]["params"];

const variant = (sku: string, options: Record<string, string>, amount: number, currency = "GBP") => ({
  sku,
  name: Object.values(options).join(" / "),
  options,
  prices: [{ amount, currency }],
});

describe("search.products", () => {
  const sources = new Sources();
  let store: TestStore;
  const slugs = async (asked: Asked) =>
    (await store.call("search.products", asked)).data.map(({ slug }) => slug);

  /** All pages of a list. */
  const walk = async (asked: Asked) => {
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const { data, page } = await store.call("search.products", { ...asked, ...(cursor && { cursor }) });
      found.push(...data.map(({ slug }) => slug));
      cursor = page.next ?? undefined;
    } while (cursor);
    return found;
  };

  before(async () => {
    sources.category("clothing", "Clothing");
    sources.category("shoes", "Shoes", "clothing");
    sources.category("home", "Home");
    const rated = (average: number, count: number) => ({ rating: { average, count } });
    sources.add({
      slug: "boots",
      name: "Boots",
      categories: ["shoes"],
      options: ["size"],
      variants: [variant("B-8", { size: "8" }, 9000), variant("B-9", { size: "9" }, 11000)],
      ...rated(4.5, 10),
    });
    sources.add({ slug: "coat", name: "Coat", categories: ["clothing"], prices: { GBP: 20000, EUR: 24000 } });
    sources.add({
      slug: "socks",
      name: "Socks",
      categories: ["clothing"],
      options: ["size", "colour"],
      variants: [
        variant("S-8", { size: "8", colour: "red" }, 500),
        variant("S-9", { size: "9", colour: "red" }, 700),
        variant("S-10", { size: "10", colour: "blue" }, 900),
      ],
      ...rated(2, 3),
    });
    sources.add({ slug: "lamp", name: "Lamp", categories: ["home"], prices: { GBP: 5000 }, ...rated(5, 1) });
    sources.add({ slug: "draft", name: "Draft lamp", categories: ["home"], status: "draft" });
    sources.add({ slug: "old", name: "Old lamp", categories: ["home"], status: "archived" });
    sources.add({ slug: "euro", name: "Euro lamp", categories: ["home"], prices: { EUR: 4000 } });
    for (const sku of ["B-9", "S-8", "S-10", "SKU-4"]) sources.setStock(sku, 5);
    store = await startSearch(sources);
  });
  after(() => store.stop());

  describe("lists", () => {
    it("holds what is active and has a price in the currency", async () => {
      expect(await slugs({ sort: "name" })).to.deep.equal(["boots", "coat", "lamp", "socks"]);
      expect(await slugs({ sort: "name", currency: "EUR" })).to.deep.equal(["coat", "euro"]);
      expect(await slugs({ currency: "JPY" })).to.deep.equal([]);
    });

    it("answers products in the contract's shape, with stock, in one currency", async () => {
      const { data, total, page } = await store.call("search.products", { category: "shoes" });
      expect(total).to.equal(1);
      expect(page.next).to.equal(null);
      expect(data[0]?.variants).to.deep.equal([
        {
          sku: "B-8",
          name: "8",
          options: { size: "8" },
          price: { amount: 9000, currency: "GBP" },
          available: 0,
        },
        {
          sku: "B-9",
          name: "9",
          options: { size: "9" },
          price: { amount: 11000, currency: "GBP" },
          available: 5,
        },
      ]);
      expect(data[0]).to.not.have.property("status");
    });

    it("sorts by price, newest, name and rating", async () => {
      expect(await slugs({ sort: "price" })).to.deep.equal(["socks", "lamp", "boots", "coat"]);
      expect(await slugs({ sort: "-price" })).to.deep.equal(["coat", "boots", "lamp", "socks"]);
      expect(await slugs({ sort: "newest" })).to.deep.equal(["lamp", "socks", "coat", "boots"]);
      expect(await slugs({ sort: "-rating" })).to.deep.equal(["lamp", "boots", "socks", "coat"]);
    });

    it("puts what is sold out behind the rest when nothing else is asked", async () => {
      expect((await slugs({})).at(-1)).to.equal("coat");
    });

    for (const sort of ["relevance", "price", "-price", "newest", "name", "-rating"] as const) {
      it(`pages by ${sort} without a gap or a repeat`, async () => {
        expect(await walk({ sort, limit: 1 })).to.deep.equal(await slugs({ sort }));
      });
    }
  });

  describe("filters", () => {
    const cases: [string, Asked, string[]][] = [
      ["a category with those below it", { category: "clothing" }, ["boots", "coat", "socks"]],
      ["a category that does not exist", { category: "nowhere" }, []],
      ["a lowest price", { priceMin: 9000 }, ["boots", "coat"]],
      ["a highest price", { priceMax: 5000 }, ["lamp", "socks"]],
      ["a price between two variants' prices", { priceMin: 9500, priceMax: 10500 }, []],
      ["a price that a variant in the middle has", { priceMin: 600, priceMax: 800 }, ["socks"]],
      ["both ends of a price range", { priceMin: 9000, priceMax: 9000 }, ["boots"]],
      ["a price range that is upside down", { priceMin: 9000, priceMax: 100 }, []],
      ["what is in stock", { inStock: true }, ["boots", "lamp", "socks"]],
      ["what is sold out", { inStock: false }, ["coat"]],
      ["a rating and better", { rating: 4 }, ["boots", "lamp"]],
      ["one value of an option", { option: { size: ["9"] } }, ["boots", "socks"]],
      ["several values of an option", { option: { size: ["10", "9"] } }, ["boots", "socks"]],
      ["several options", { option: { size: ["9"], colour: ["red"] } }, ["socks"]],
      ["an option that nothing has", { option: { taste: ["sweet"] } }, []],
      [
        "all together",
        { category: "clothing", inStock: true, priceMax: 600, option: { size: ["8"] } },
        ["socks"],
      ],
    ];
    for (const [name, asked, expected] of cases) {
      it(`narrows by ${name}`, async () => {
        expect(await slugs({ ...asked, sort: "name" })).to.deep.equal(expected);
        expect((await store.call("search.products", asked)).total).to.equal(expected.length);
      });
    }
  });

  describe("facets", () => {
    const facetsOf = async (asked: Asked) =>
      (await store.call("search.products", { ...asked, facets: true })).facets!;
    const count = (values: readonly { value: unknown; count: number }[], value: unknown) =>
      values.find((each) => each.value === value)?.count ?? 0;

    it("counts categories with what is below them", async () => {
      const { categories } = await facetsOf({});
      expect(categories).to.deep.equal([
        { value: "clothing", count: 3 },
        { value: "home", count: 1 },
        { value: "shoes", count: 1 },
      ]);
    });

    it("leaves a facet's own filter out of its counts, and takes the others in", async () => {
      const { categories, options, inStock, rating } = await facetsOf({
        category: "home",
        option: { size: ["8"] },
      });
      expect(count(categories, "clothing")).to.equal(2);
      expect(options).to.deep.equal({});
      expect(count(inStock, true)).to.equal(0);
      expect(count(rating, 1)).to.equal(0);
    });

    it("counts in each price band what a filter by its ends answers", async () => {
      const { price } = await facetsOf({});
      expect(price.at(-1)?.max).to.equal(null);
      for (const { min, max, count: counted } of price) {
        const { total } = await store.call("search.products", {
          priceMin: min,
          ...(max !== null && { priceMax: max }),
        });
        expect(counted).to.equal(total);
      }
    });

    it("counts what each further choice would answer", async () => {
      const base = { category: "clothing" };
      const { options, inStock, rating } = await facetsOf(base);
      for (const [name, values] of Object.entries(options))
        for (const { value, count: counted } of values)
          expect(counted).to.equal((await slugs({ ...base, option: { [name]: [value] } })).length);
      for (const { value, count: counted } of inStock)
        expect(counted).to.equal((await slugs({ ...base, inStock: value })).length);
      for (const { value, count: counted } of rating)
        expect(counted).to.equal((await slugs({ ...base, rating: value })).length);
    });

    it("are left out when not asked for", async () => {
      expect(await store.call("search.products", {})).to.not.have.property("facets");
    });
  });

  describe("text", () => {
    it("needs every word, and finds what shoppers may see", async () => {
      expect(await slugs({ q: "lamp" })).to.deep.equal(["lamp"]);
      expect(await slugs({ q: "lamp boots" })).to.deep.equal([]);
    });
    it("finds products by the name of their category and of the one above", async () => {
      expect(await slugs({ q: "clothing boots" })).to.deep.equal(["boots"]);
    });
    it("finds the product of a SKU", async () => {
      expect(await slugs({ q: "b-9" })).to.deep.equal(["boots"]);
    });
    it("does not offer words of products that are not sold", async () => {
      expect(await store.call("search.products", { q: "drfat" })).to.not.have.property("didYouMean");
    });
    it("combines with filters, sorts and facets", async () => {
      const { data, facets } = await store.call("search.products", {
        q: "clothing",
        sort: "price",
        inStock: true,
        facets: true,
      });
      expect(data.map(({ slug }) => slug)).to.deep.equal(["socks", "boots"]);
      expect(count2(facets!.inStock)).to.deep.equal([2, 1]);
    });
    it("pages by relevance without a gap or a repeat", async () => {
      expect(await walk({ q: "clothing", limit: 1 })).to.deep.equal(await slugs({ q: "clothing" }));
    });
    const count2 = (values: readonly { count: number }[]) => values.map(({ count }) => count);
  });
});
