import { expect } from "chai";
import type { ActionMap } from "../../../services/contracts.ts";
import { eventually } from "../../helpers/eventually.ts";
import { startStore, type TestStore } from "../../helpers/store.ts";
import { refused } from "./refused.ts";
import { Sources } from "./sources.ts";
import { startSearch } from "./store.ts";

type Asked = ActionMap["search.products"]["params"];

describe("the search index", () => {
  let sources: Sources;
  let store: TestStore;
  const slugs = async (asked: Asked = {}) =>
    (await store.call("search.products", { sort: "name", ...asked })).data.map(({ slug }) => slug);
  const becomes = (expected: string[], asked?: Asked, within = 1000) =>
    eventually(async () => (await slugs(asked)).join() === expected.join(), within);

  beforeEach(async () => {
    sources = new Sources();
    sources.category("home", "Home");
    sources.add({ slug: "chair", name: "Chair", categories: ["home"] });
    sources.add({ slug: "table", name: "Table", categories: ["home"] });
    sources.setStock("SKU-1", 3);
    store = await startSearch(sources);
  });
  afterEach(() => store.stop());

  const chair = () => [...sources.changes.values()][0]! as ReturnType<Sources["add"]>;

  it("has read all pages of the stock when it is built", async () => {
    for (let n = 0; n < 5000; n++) sources.setStock(`OTHER-${n}`, 1);
    sources.setStock("SKU-2", 7);
    const second = await startSearch(sources);
    try {
      const { data } = await second.call("search.products", { inStock: true, sort: "name" });
      expect(data.map(({ variants }) => variants[0]?.available)).to.deep.equal([3, 7]);
    } finally {
      await second.stop();
    }
  });

  it("shows a new product within a second of its event", async () => {
    await sources.touch(sources.add({ slug: "desk", name: "Desk" }));
    await becomes(["chair", "desk", "table"]);
    await becomes(["desk"], { q: "desk" });
  });

  it("shows a changed name, price, category and option, and forgets the old ones", async () => {
    const changed = sources.change(chair(), {
      name: "Stool",
      categories: ["garden"],
      variants: [
        { sku: "SKU-1", name: "", options: { wood: "oak" }, prices: [{ amount: 777, currency: "GBP" }] },
      ],
    });
    await sources.touch(changed);
    await becomes(["chair"], { q: "stool" });
    expect(await slugs({ q: "chair" })).to.deep.equal([]);
    expect(await slugs({ category: "home" })).to.deep.equal(["table"]);
    expect(await slugs({ category: "garden", option: { wood: ["oak"] }, priceMax: 777 })).to.deep.equal([
      "chair",
    ]);
    expect(await slugs({ sort: "price" })).to.deep.equal(["chair", "table"]);
    expect((await store.call("search.products", { q: "stool" })).data[0]?.variants[0]).to.deep.include({
      price: { amount: 777, currency: "GBP" },
      available: 3,
    });
  });

  it("no longer shows what was removed, archived or lost its price", async () => {
    sources.remove(chair());
    await sources.touch(chair());
    await becomes(["table"]);
    expect(await slugs({ q: "chair" })).to.deep.equal([]);
    const table = [...sources.changes.values()][1]! as ReturnType<Sources["add"]>;
    await sources.touch(sources.change(table, { status: "archived" }));
    await becomes([]);
  });

  it("shows a product that was sold out, and one that came in, within a second", async () => {
    await store.broker.broadcast("inventory.stockChanged", {
      items: [
        { sku: "SKU-1", available: 0 },
        { sku: "SKU-2", available: 9 },
      ],
    });
    await becomes(["table"], { inStock: true });
    const { data } = await store.call("search.products", { inStock: true });
    expect(data[0]?.variants[0]?.available).to.equal(9);
  });

  it("counts units anew in a product that was shown before", async () => {
    const units = async () =>
      (await store.call("search.products", { q: "chair" })).data[0]?.variants[0]?.available;
    expect(await units()).to.equal(3);
    await store.broker.broadcast("inventory.stockChanged", { items: [{ sku: "SKU-1", available: 2 }] });
    await eventually(async () => (await units()) === 2, 1000);
  });

  it("keeps the stock of a SKU whose product comes later", async () => {
    await store.broker.broadcast("inventory.stockChanged", { items: [{ sku: "SKU-3", available: 4 }] });
    await sources.touch(sources.add({ slug: "desk", name: "Desk" }));
    await becomes(["chair", "desk"], { inStock: true });
  });

  it("catches up with products and stock whose events were lost", async () => {
    sources.add({ slug: "desk", name: "Desk" });
    sources.remove(chair());
    sources.setStock("SKU-3", 1);
    await becomes(["desk", "table"], {}, 9000);
    await becomes(["desk"], { inStock: true }, 9000);
  }).timeout(20_000);

  it("takes in a change whose time is older than the newest it knows", async () => {
    const late = sources.add({ slug: "late", name: "Late", updatedAt: "2025-12-31T23:59:59.000Z" });
    await sources.touch(late);
    await becomes(["chair", "late", "table"]);
  });

  it("takes in a renamed category", async () => {
    sources.categories = [{ ...sources.categories[0]!, name: "Living room", version: 2 }];
    await sources.touch({ id: "018f0000-0000-7000-8000-00000000ffff" });
    await becomes(["chair", "table"], { q: "living" });
    expect(await slugs({ q: "home" })).to.deep.equal([]);
  });

  it("does not skip or repeat a product when others come between two pages", async () => {
    for (let n = 0; n < 10; n++) await sources.touch(sources.add({ slug: `m-${n}`, name: `M ${n}` }));
    await eventually(async () => (await slugs()).length === 12);
    const before = await slugs();
    const first = await store.call("search.products", { sort: "name", limit: 5 });
    await sources.touch(sources.add({ slug: "aaa", name: "Aaa" }), sources.add({ slug: "zzz", name: "Zzz" }));
    await eventually(async () => (await slugs()).length === 14);
    const second = await store.call("search.products", { sort: "name", limit: 50, cursor: first.page.next! });
    const seen = [...first.data, ...second.data].map(({ slug }) => slug);
    expect(seen).to.deep.equal([...before, "zzz"]);
  });

  it("is built anew beside the old one, which answers meanwhile", async () => {
    const { builtAt } = await store.call("search.status", {});
    store.clock.advance(5000);
    const [{ started }] = await Promise.all([store.call("search.reindex", {}), slugs()]);
    expect(started).to.equal(true);
    expect(await slugs()).to.deep.equal(["chair", "table"]);
    await eventually(async () => (await store.call("search.status", {})).builtAt !== builtAt);
    expect(await slugs()).to.deep.equal(["chair", "table"]);
    await sources.touch(sources.add({ slug: "desk", name: "Desk" }));
    await becomes(["chair", "desk", "table"]);
  });

  it("tells its size and age", async () => {
    const status = await store.call("search.status", {});
    expect(status).to.include({ ready: true, products: 2, building: null });
    expect(status.bytes).to.be.above(0);
    expect(status.age).to.be.below(5000);
  });
});

describe("a search node whose sources are away", () => {
  it("is not ready and answers 503 until they come back", async () => {
    const sources = new Sources();
    sources.add({ slug: "chair" });
    sources.away = true;
    const store = await startStore({ services: ["search"], extra: sources.services });
    try {
      expect((await store.call("search.status", {})).ready).to.equal(false);
      expect(await refused(store.call("search.products", {}))).to.include({
        code: 503,
        type: "SEARCH_NOT_READY",
      });
      sources.away = false;
      await eventually(async () => (await store.call("search.status", {})).ready);
      expect((await store.call("search.products", {})).total).to.equal(1);
    } finally {
      await store.stop();
    }
  });
});
