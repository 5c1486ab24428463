import { expect } from "chai";
import type { ActionMap } from "../../../services/contracts.ts";
import type { CatalogueProduct, Import, Product } from "../../../services/products/products.contract.ts";
import { eventually } from "../../helpers/eventually.ts";
import { freshKey } from "../../helpers/shop.ts";
import { startStore, type TestStore } from "../../helpers/store.ts";

const csv = [
  "sku,name,description,category,price,currency,stock,image,product,option:size",
  "CUP-S,Cup,For tea,Kitchen,4.50,GBP,12,/pictures/cup.svg,cup,small",
  "CUP-L,,,,6.00,GBP,0,,cup,large",
  "BROKEN,Broken,,,much,GBP,1,,,",
  "",
].join("\n");

describe("the catalogue over HTTP", () => {
  let store: TestStore;
  let token: string;
  before(async function () {
    this.timeout(30_000);
    store = await startStore({ services: ["gateway", "users", "products", "inventory", "search", "audit"] });
    const { body } = await store.http.post<ActionMap["users.login"]["returns"]>("auth/login", {
      email: "admin@valence.local",
      password: "correct horse battery",
    });
    token = body.accessToken;
  });
  after(() => store.stop());

  const mug = {
    name: "Mug",
    variants: [{ sku: "MUG", name: "", options: {}, prices: [{ amount: 900, currency: "GBP" }] }],
  };

  it("creates, changes and removes a product by its version", async () => {
    const key = freshKey();
    const made = await store.http.post<CatalogueProduct>("admin/products", mug, { token, key });
    expect([made.status, made.headers.get("etag")]).to.deep.equal([201, '"1"']);
    const again = await store.http.post<CatalogueProduct>("admin/products", mug, { token, key });
    expect([again.status, again.body]).to.deep.equal([201, made.body]);

    const path = `admin/products/${made.body.id}`;
    const unnamed = await store.http.patch(path, { name: "New mug" }, { token });
    expect(unnamed.status).to.equal(428);
    const headers = { "if-match": '"1"' };
    const changed = await store.http.patch<CatalogueProduct>(path, { name: "New mug" }, { token, headers });
    expect([changed.status, changed.headers.get("etag")]).to.deep.equal([200, '"2"']);
    expect((await store.http.patch(path, { name: "Late" }, { token, headers })).status).to.equal(412);
    expect((await store.http.delete(path, { token, headers: { "if-match": '"2"' } })).status).to.equal(204);
    expect((await store.http.get(`products/${made.body.slug}`)).status).to.equal(404);
  });

  it("answers 304 to a product page that has not changed", async () => {
    const made = await store.http.post<CatalogueProduct>(
      "admin/products",
      { ...mug, name: "Page" },
      { token },
    );
    expect(made.status).to.equal(201);
    const page = await store.http.get<Product>("products/page?currency=GBP");
    expect(page.body.variants[0]).to.deep.include({ available: 0, price: { amount: 900, currency: "GBP" } });
    const headers = { "if-none-match": page.headers.get("etag") ?? "" };
    expect((await store.http.get("products/page?currency=GBP", { headers })).status).to.equal(304);
  });

  it("keeps who changed what", async () => {
    const { body } = await eventually(async () => {
      const list = await store.http.get<ActionMap["audit.list"]["returns"]>("admin/audit?entity=product", {
        token,
      });
      return list.body.data.length >= 4 ? list : undefined;
    });
    expect(body.data.map(({ action }) => action)).to.include.members([
      "products.create",
      "products.update",
      "products.remove",
    ]);
    expect(body.data.every(({ by }) => by !== "products" && by !== "guest")).to.equal(true);
  });

  it("imports a file, shows its progress and gives the refused rows back", async () => {
    const headers = { "content-type": "text/csv" };
    const started = await store.http.request<Import>("POST", "admin/imports", { token, headers, body: csv });
    expect([started.status, started.body.status]).to.deep.equal([202, "running"]);
    const path = `admin/imports/${started.body.id}`;
    const live = await store.http.get<string>(`${path}/stream`, { token });
    expect(live.headers.get("content-type")).to.contain("text/event-stream");
    expect(live.body).to.contain('"status":"done"');
    const { body } = await store.http.get<Import>(path, { token });
    expect(body).to.include({ rows: 3, created: 2, failed: 1 });
    const errors = await store.http.get<string>(`${path}/errors`, { token });
    expect(errors.headers.get("content-type")).to.contain("text/csv");
    expect(errors.body).to.contain("BROKEN,Broken");
    const cup = await store.http.get<Product>("products/cup?currency=GBP");
    expect(cup.body.variants.map(({ available }) => available)).to.deep.equal([12, 0]);
  });

  it("lists what was imported within a second", async () => {
    await eventually(async () => {
      const { body } = await store.http.get<ActionMap["search.products"]["returns"]>(
        "products?q=cup&currency=GBP",
      );
      return body.data.some(({ slug }) => slug === "cup");
    }, 1000);
  });

  it("exports the catalogue for staff alone", async () => {
    const file = await store.http.get<string>("admin/exports/products", { token });
    expect(file.body).to.contain("CUP-S,Cup,For tea,kitchen");
    expect((await store.http.get("admin/exports/products")).status).to.equal(401);
    expect((await store.http.post("admin/imports", csv)).status).to.equal(401);
  });

  it("refuses a path that no product can have, and fields that no product has", async () => {
    expect((await store.http.get("products/No-Such")).status).to.equal(404);
    expect((await store.http.post("admin/products", { ...mug, price: 1 }, { token })).status).to.equal(422);
  });
});
