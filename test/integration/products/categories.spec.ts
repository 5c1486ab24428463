import { expect } from "chai";
import { refusalOf, staff } from "../../helpers/shop.ts";
import type { TestStore } from "../../helpers/store.ts";
import { aThing, startCatalogue } from "./catalogue.ts";

describe("categories", () => {
  let store: TestStore;
  before(async () => {
    store = await startCatalogue();
  });
  after(() => store.stop());

  const at = (version: number) => ({ meta: { ...staff, ifMatch: version } });
  const create = (slug: string, more: { parent?: string; position?: number } = {}) =>
    store.call("products.createCategory", { slug, name: slug, ...more }, { meta: staff });

  it("are listed in shop order", async () => {
    await create("home");
    await create("garden");
    await create("chairs", { parent: "home", position: 0 });
    const { data } = await store.call("products.categories", {});
    expect(data.map(({ slug, position }) => [slug, position])).to.deep.equal([
      ["chairs", 0],
      ["home", 0],
      ["garden", 1],
    ]);
  });

  it("have one slug each and a parent that exists", async () => {
    expect((await refusalOf(create("home"))).code).to.equal(409);
    expect((await refusalOf(create("lost", { parent: "nowhere" }))).type).to.equal("CATEGORY_NOT_FOUND");
  });

  it("never stand below themselves", async () => {
    const refused = await refusalOf(
      store.call("products.updateCategory", { slug: "home", parent: "chairs" }, at(1)),
    );
    expect(refused.code).to.equal(422);
  });

  it("change at the version that was read", async () => {
    const changed = await store.call("products.updateCategory", { slug: "garden", name: "Garden" }, at(1));
    expect(changed).to.include({ name: "Garden", version: 2 });
    const late = await refusalOf(store.call("products.updateCategory", { slug: "garden", name: "x" }, at(1)));
    expect(late.type).to.equal("VERSION_MISMATCH");
  });

  it("are removed only when nothing stands in them", async () => {
    const product = await store.call("products.create", aThing("CHAIR", { categories: ["chairs"] }), {
      meta: staff,
    });
    expect((await refusalOf(store.call("products.removeCategory", { slug: "home" }, at(1)))).type).to.equal(
      "CATEGORY_IN_USE",
    );
    const remove = () => store.call("products.removeCategory", { slug: "chairs" }, at(1));
    expect((await refusalOf(remove())).type).to.equal("CATEGORY_IN_USE");
    await store.call("products.remove", { id: product.id }, at(1));
    await remove();
    expect((await refusalOf(remove())).type).to.equal("CATEGORY_NOT_FOUND");
  });
});
