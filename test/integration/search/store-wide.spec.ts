import { expect } from "chai";
import { eventually } from "../../helpers/eventually.ts";
import { startStore, type TestStore } from "../../helpers/store.ts";

const draft = (name: string, sku: string) => ({
  name,
  status: "active" as const,
  variants: [{ sku, name: "", options: {}, prices: [{ amount: 1500, currency: "GBP" }] }],
});

describe("search beside the real catalogue and stock", () => {
  let store: TestStore;
  const found = async (q: string) => (await store.call("search.products", { q })).data;

  before(async () => {
    store = await startStore({ services: ["products", "inventory", "search", "audit"] });
    await eventually(async () => (await store.call("search.status", {})).ready);
  });
  after(() => store.stop());

  it("shows a product, its stock, its change and its removal, each within a second", async () => {
    const made = await store.call("products.create", draft("Teak bench", "TB-1"));
    await eventually(async () => (await found("bench")).length === 1, 1000);

    const stocked = { key: "count", reason: "count", items: [{ sku: "TB-1", onHand: 7 }] };
    await store.call("inventory.setStock", stocked);
    await eventually(async () => (await found("bench"))[0]?.variants[0]?.available === 7, 1000);

    const changed = await store.call(
      "products.update",
      { id: made.id, name: "Oak settle" },
      { meta: { ifMatch: made.version } },
    );
    await eventually(async () => (await found("settle")).length === 1, 1000);
    expect(await found("bench")).to.deep.equal([]);

    await store.call("products.remove", { id: made.id }, { meta: { ifMatch: changed.version } });
    await eventually(async () => (await found("settle")).length === 0, 1000);
  });

  it("holds the catalogue again after a restart of the actor", async () => {
    await store.call("products.create", draft("Pine shelf", "SHELF"));
    await eventually(async () => (await found("shelf")).length === 1, 1000);
    await store.call("search.reindex", {});
    await eventually(async () => (await store.call("search.status", {})).building === null);
    expect(await found("shelf")).to.have.length(1);
  });
});
