import { expect } from "chai";
import { freshKey, refusalOf, staff } from "../../helpers/shop.ts";
import type { TestStore } from "../../helpers/store.ts";
import { aMug, aThing, startCatalogue } from "./catalogue.ts";

describe("products", () => {
  let store: TestStore;
  before(async () => {
    store = await startCatalogue();
  });
  after(() => store.stop());

  const create = (
    params: (Parameters<typeof aThing>[1] & { name: string; variants: never }) | ReturnType<typeof aMug>,
  ) => store.call("products.create", params, { meta: staff });
  const change = (id: string, version: number, fields: object) =>
    store.call("products.update", { id, ...fields }, { meta: { ...staff, ifMatch: version } });

  it("shows a new product by id and by slug, with its stock", async () => {
    const made = await create(aMug());
    expect(made).to.include({ slug: "tea-mug", version: 1, status: "active" });
    expect(made.options).to.deep.equal(["size"]);
    await store.call("inventory.setStock", {
      key: "t1",
      reason: "count",
      items: [{ sku: "MUG-S", onHand: 7 }],
    });
    const shown = await store.call("products.get", { idOrSlug: "tea-mug", currency: "GBP" });
    expect(shown.variants.map(({ sku, available, price }) => [sku, available, price.amount])).to.deep.equal([
      ["MUG-S", 7, 900],
      ["MUG-L", 0, 1200],
    ]);
    expect(await store.call("products.get", { idOrSlug: made.id, currency: "GBP" })).to.deep.equal(shown);
  });

  it("leaves out variants without a price in the currency, and refuses a currency without any", async () => {
    const shown = await store.call("products.get", { idOrSlug: "tea-mug", currency: "EUR" });
    expect(shown.variants.map(({ sku }) => sku)).to.deep.equal(["MUG-S"]);
    const refused = await refusalOf(store.call("products.get", { idOrSlug: "tea-mug", currency: "JPY" }));
    expect([refused.code, refused.type]).to.deep.equal([422, "CURRENCY_NOT_OFFERED"]);
  });

  it("hides drafts from shoppers, from carts and from reviews", async () => {
    const { id } = await create(aThing("DRAFT-1", { status: "draft" }));
    expect((await refusalOf(store.call("products.get", { idOrSlug: id }))).type).to.equal(
      "PRODUCT_NOT_FOUND",
    );
    expect(await store.call("products.resolve", { skus: ["DRAFT-1"], currency: "GBP" })).to.deep.equal([]);
    expect(await store.call("products.exists", { ids: [id] })).to.deep.equal([]);
    expect((await store.call("products.adminGet", { id })).status).to.equal("draft");
  });

  it("resolves SKUs to names and prices, and leaves out what it does not sell", async () => {
    const offers = await store.call("products.resolve", {
      skus: ["MUG-L", "NOTHING", "MUG-S"],
      currency: "GBP",
    });
    expect(offers.map(({ sku, name, price }) => [sku, name, price.amount])).to.deep.equal([
      ["MUG-L", "Tea mug, large", 1200],
      ["MUG-S", "Tea mug, small", 900],
    ]);
    expect(await store.call("products.resolve", { skus: ["MUG-L"], currency: "EUR" })).to.deep.equal([]);
  });

  it("finds SKUs only as they are written", async () => {
    expect(await store.call("products.resolve", { skus: ["mug-l"], currency: "GBP" })).to.deep.equal([]);
  });

  it("refuses a SKU of another product and a slug that is taken, and numbers a slug that it made itself", async () => {
    await create(aThing("ONE", { name: "Same name" }));
    const sku = await refusalOf(create(aThing("ONE", { name: "Other" })));
    expect([sku.code, sku.type]).to.deep.equal([409, "SKU_TAKEN"]);
    const slug = await refusalOf(create(aThing("TWO", { slug: "same-name" })));
    expect([slug.code, slug.type]).to.deep.equal([409, "SLUG_TAKEN"]);
    expect((await create(aThing("THREE", { name: "Same name" }))).slug).to.equal("same-name-2");
  });

  it("refuses variants that cannot be told apart, each by its place", async () => {
    const twice = aMug();
    twice.variants[1]!.sku = "MUG-S";
    const refused = await refusalOf(create(twice));
    expect(refused.data?.["errors"]).to.deep.equal([
      { pointer: "/variants/1/sku", message: "stands in this product already" },
    ]);
    const alike = aMug({ name: "x" });
    alike.variants = [
      { ...alike.variants[0]!, sku: "A" },
      { ...alike.variants[0]!, sku: "B" },
    ];
    expect((await refusalOf(create(alike))).code).to.equal(422);
  });

  it("refuses a category that does not exist", async () => {
    const refused = await refusalOf(create(aThing("CAT", { categories: ["nowhere"] })));
    expect([refused.code, refused.type]).to.deep.equal([422, "CATEGORY_NOT_FOUND"]);
  });

  it("changes a product only at the version that was read", async () => {
    const { id } = await create(aThing("CHANGE"));
    const second = await change(id, 1, { name: "New name" });
    expect(second).to.include({ version: 2, name: "New name", slug: "thing-change" });
    const late = await refusalOf(change(id, 1, { name: "Too late" }));
    expect([late.code, late.type]).to.deep.equal([412, "VERSION_MISMATCH"]);
    expect((await store.call("products.get", { idOrSlug: id, currency: "GBP" })).name).to.equal("New name");
  });

  it("removes a product from sale at once", async () => {
    const { id } = await create(aThing("GONE"));
    await store.call("products.get", { idOrSlug: id, currency: "GBP" });
    await store.call("products.remove", { id }, { meta: { ...staff, ifMatch: 1 } });
    expect((await refusalOf(store.call("products.get", { idOrSlug: id }))).code).to.equal(404);
    expect(await store.call("products.resolve", { skus: ["GONE"], currency: "GBP" })).to.deep.equal([]);
    expect((await create(aThing("GONE"))).version).to.equal(1);
  });

  it("shows every change to indexes, removed products once", async () => {
    const { data: before } = await store.call("products.changes", { limit: 1000 });
    const last = before.at(-1)!;
    const { id } = await create(aThing("INDEXED"));
    const { id: gone } = await create(aThing("UNINDEXED"));
    await store.call("products.remove", { id: gone }, { meta: { ...staff, ifMatch: 1 } });
    const after = { updatedAt: last.updatedAt, id: last.id };
    const { data } = await store.call("products.changes", { after, limit: 10 });
    expect(data.map((one) => [one.id, "removed" in one])).to.have.deep.members([
      [id, false],
      [gone, true],
    ]);
  });

  it("creates once for one Idempotency-Key", async () => {
    const meta = () => ({ ...staff, idempotencyKey: key });
    const key = freshKey();
    const first = await store.call("products.create", aThing("ONCE"), { meta: meta() });
    expect(await store.call("products.create", aThing("ONCE"), { meta: meta() })).to.deep.equal(first);
    const reused = await refusalOf(store.call("products.create", aThing("OTHER"), { meta: meta() }));
    expect([reused.code, reused.type]).to.deep.equal([422, "IDEMPOTENCY_KEY_REUSED"]);
  });
});
