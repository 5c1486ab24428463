import { expect } from "chai";
import { sampleCatalogue } from "../../../services/products/seed/index.ts";
import { searchQueries } from "../../helpers/search-queries.ts";
import type { TestStore } from "../../helpers/store.ts";
import { Sources } from "./sources.ts";
import { startSearch } from "./store.ts";

describe("search by text, over the sample catalogue", () => {
  let store: TestStore;
  const found = async (q: string) => {
    const { data } = await store.call("search.products", { q, limit: 5 });
    return data.map(({ slug }) => slug);
  };

  before(async () => {
    const sources = new Sources();
    const { categories, products } = sampleCatalogue();
    for (const { slug, name, parent = null } of categories) sources.category(slug, name, parent);
    for (const product of products) sources.sample(product);
    store = await startSearch(sources);
  });
  after(() => store.stop());

  it("has at least sixty queries to answer", () => {
    expect(searchQueries.length).to.be.at.least(60);
  });

  for (const { query, slug, kind } of searchQueries) {
    it(`finds ${slug} in the first three for "${query}" (${kind})`, async () => {
      expect((await found(query)).slice(0, 3)).to.include(slug);
    });
  }

  it("puts the wanted product first in 90 % of them", async () => {
    const firsts = await Promise.all(
      searchQueries.map(async ({ query, slug }) => (await found(query))[0] === slug),
    );
    const missed = searchQueries.filter((_, i) => !firsts[i]).map(({ query }) => query);
    expect(missed.length / searchQueries.length, missed.join(", ")).to.be.at.most(0.1);
  });

  it("says what it searched instead of a misspelt word", async () => {
    const { didYouMean } = await store.call("search.products", { q: "runing shoos" });
    expect(didYouMean).to.equal("running shoes");
  });

  it("says nothing of a correction when all words are known", async () => {
    expect(await store.call("search.products", { q: "running shoes" })).to.not.have.property("didYouMean");
  });
});
