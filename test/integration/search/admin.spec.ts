import { expect } from "chai";
import type { ActionMap } from "../../../services/contracts.ts";
import type { TestStore } from "../../helpers/store.ts";
import { Sources } from "./sources.ts";
import { startSearch } from "./store.ts";

describe("search.adminProducts", () => {
  const sources = new Sources();
  let store: TestStore;
  const slugs = async (asked: ActionMap["search.adminProducts"]["params"]) =>
    (await store.call("search.adminProducts", asked)).data.map(({ slug }) => slug);

  before(async () => {
    sources.category("home", "Home");
    sources.add({ slug: "lamp", name: "Lamp", categories: ["home"], prices: { GBP: 100, EUR: 120 } });
    sources.add({ slug: "draft-lamp", name: "Draft lamp", status: "draft", categories: ["home"] });
    sources.add({ slug: "archived-lamp", name: "Archived lamp", status: "archived" });
    sources.add({ slug: "euro-chair", name: "Euro chair", prices: { EUR: 100 } });
    store = await startSearch(sources);
  });
  after(() => store.stop());

  it("lists every status, the latest change first, with all prices", async () => {
    expect(await slugs({})).to.deep.equal(["euro-chair", "archived-lamp", "draft-lamp", "lamp"]);
    const { data } = await store.call("search.adminProducts", { q: "lamp", sort: "-name" });
    expect(data.map(({ slug }) => slug)).to.deep.equal(["lamp", "draft-lamp", "archived-lamp"]);
    expect(data[0]).to.deep.equal([...sources.changes.values()][0]);
  });
  it("narrows by text, SKU, status and category", async () => {
    expect(await slugs({ q: "draf" })).to.deep.equal(["draft-lamp"]);
    expect(await slugs({ q: "SKU-3" })).to.deep.equal(["archived-lamp"]);
    expect(await slugs({ status: "archived" })).to.deep.equal(["archived-lamp"]);
    expect(await slugs({ category: "home", sort: "name" })).to.deep.equal(["draft-lamp", "lamp"]);
  });
  it("pages without a gap or a repeat", async () => {
    for (const sort of ["name", "-name", "updated", "-updated"] as const) {
      const all = await slugs({ sort });
      const first = await store.call("search.adminProducts", { sort, limit: 3 });
      const second = await store.call("search.adminProducts", { sort, limit: 3, cursor: first.page.next! });
      expect([...first.data, ...second.data].map(({ slug }) => slug)).to.deep.equal(all);
      expect(second.page.next).to.equal(null);
    }
  });
});

describe("search.suggest", () => {
  const sources = new Sources();
  let store: TestStore;

  before(async () => {
    sources.category("lighting", "Lighting");
    sources.add({
      slug: "lamp",
      name: "Desk lamp",
      categories: ["lighting"],
      images: [{ url: "/l.svg", alt: "" }],
    });
    sources.add({ slug: "lantern", name: "Lantern", categories: ["lighting"] });
    sources.add({ slug: "draft", name: "Lamp to come", status: "draft" });
    store = await startSearch(sources);
  });
  after(() => store.stop());

  it("answers products and categories from the first letters", async () => {
    const { products, categories } = await store.call("search.suggest", { q: "la" });
    expect(products.map(({ slug }) => slug)).to.deep.equal(["lantern", "lamp"]);
    expect(products[1]).to.include({ name: "Desk lamp", image: "/l.svg" });
    expect(categories).to.deep.equal([]);
    expect((await store.call("search.suggest", { q: "lig" })).categories).to.deep.equal([
      { slug: "lighting", name: "Lighting", count: 2 },
    ]);
  });
  it("corrects a misspelt word", async () => {
    expect(await store.call("search.suggest", { q: "lanttern" })).to.include({ didYouMean: "lantern" });
  });
  it("keeps to the limit, and answers nothing to nothing", async () => {
    expect((await store.call("search.suggest", { q: "la", limit: 1 })).products).to.have.length(1);
    expect(await store.call("search.suggest", { q: " " })).to.deep.equal({ products: [], categories: [] });
  });
});
