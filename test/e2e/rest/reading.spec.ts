import { request } from "node:http";
import { gunzipSync } from "node:zlib";
import { expect } from "chai";
import type { Problem } from "../../../contract/http-problem.ts";
import type { ActionMap } from "../../../services/contracts.ts";
import { anOrder, freshKey } from "../../helpers/shop.ts";
import { inStock } from "../../helpers/in-stock.ts";
import { startStore, type TestStore } from "../../helpers/store.ts";

type Returns<N extends keyof ActionMap> = ActionMap[N]["returns"];
const password = "correct horse battery staple";

describe("what integrators read and write in bulk", function () {
  this.timeout(60_000);
  let store: TestStore;
  let token: string;
  let customer: string;
  let sku: string;
  let order: Returns<"orders.place">;

  const account = async (role: "admin" | "customer"): Promise<string> => {
    const email = `${role}@example.com`;
    await store.call("users.create", { email, password, name: role, role });
    return (await store.call("users.login", { email, password })).accessToken;
  };
  const key = async (...scopes: ("orders:read" | "customers:read")[]): Promise<string> =>
    (await store.http.post<Returns<"users.createApiKey">>("api-keys", { name: "k", scopes }, { token })).body
      .key;
  const post = <N extends "inventory.bulkStock" | "products.bulkPrices" | "products.bulkProducts">(
    path: string,
    body: unknown,
    headers = {},
  ) => store.http.post<Returns<N>>(`admin/bulk/${path}`, body, { token, headers });

  before(async () => {
    store = await startStore({ seed: true });
    [token, customer] = [await account("admin"), await account("customer")];
    ({ sku } = await inStock(store));
    const placed = await store.http.post<Returns<"orders.place">>(
      "orders",
      anOrder([{ sku, quantity: 2 }], { email: "customer@example.com" }),
      { token: customer, key: freshKey() },
    );
    expect(placed.status, JSON.stringify(placed.body)).to.equal(201);
    order = placed.body;
  });
  after(() => store.stop());

  describe("fields", () => {
    it("leaves out what was not asked for, of a list and of one", async () => {
      const list = await store.http.get<Returns<"search.products">>(
        "products?limit=2&fields=id,variants.sku",
      );
      expect(list.body.data).to.have.length(2);
      for (const product of list.body.data) {
        expect(product).to.have.all.keys("id", "variants");
        expect(product.variants[0]).to.have.all.keys("sku");
      }
      expect(list.body).to.include.keys("page", "total");
      const one = await store.http.get(`admin/orders/${order.id}?fields=number,total.amount`, { token });
      expect(one.body).to.deep.equal({ number: order.number, total: { amount: order.total.amount } });
      expect(one.headers.get("etag")).to.equal(`"${order.version}"`);
    });

    it("refuses a field that the answer does not have, or that is hidden", async () => {
      for (const fields of ["password", "id,passwordHash", "total.nothing", "", "id..x", "__proto__"]) {
        const answer = await store.http.get<Problem>(`admin/users?fields=${fields}`, { token });
        expect([answer.status, answer.body.errors?.[0]?.pointer], fields).to.deep.equal([422, "/fields"]);
      }
      expect((await store.http.get("search/suggest?q=pan&fields=products")).status).to.equal(422);
    });
  });

  describe("expand", () => {
    it("adds what an id names, and leaves the field out where nothing is", async () => {
      const list = await store.http.get<Returns<"orders.list">>(
        "admin/orders?expand=customer,order&limit=5",
        { token },
      );
      const [row] = list.body.data;
      expect(row?.customer?.email).to.equal("customer@example.com");
      expect(row?.order?.lines[0]).to.include({ sku, quantity: 2 });
      const plain = await store.http.get<Returns<"orders.list">>("admin/orders?limit=5", { token });
      expect(plain.body.data[0]).to.not.have.any.keys("customer", "order");
    });

    it("adds nothing that its caller may not read by itself", async () => {
      const [orders, both] = [await key("orders:read"), await key("orders:read", "customers:read")];
      const ask = (one: string) => store.http.get<Problem>("admin/orders?expand=customer", { token: one });
      expect((await ask(orders)).status).to.equal(403);
      expect((await ask(both)).status).to.equal(200);
      const unknown = await store.http.get<Problem>("admin/orders?expand=payment", { token });
      expect([unknown.status, unknown.body.errors?.[0]?.pointer]).to.deep.equal([422, "/expand"]);
    });
  });

  it("answers 304 to who names the current version, on every resource that has one", async () => {
    for (const [path, who] of [
      [`admin/orders/${order.id}`, token],
      [`orders/${order.id}`, customer],
      ["me", customer],
      [`admin/inventory/${sku}`, token],
    ] as const) {
      const first = await store.http.get(path, { token: who });
      const etag = first.headers.get("etag") ?? "";
      const ask = (tag: string) => store.http.get(path, { token: who, headers: { "if-none-match": tag } });
      expect([(await ask(etag)).status, (await ask('"0"')).status], path).to.deep.equal([304, 200]);
    }
  });

  describe("exports", () => {
    const exported = (what: string, format: string) =>
      store.http.get<string>(`admin/exports/${what}?format=${format}`, { token });

    it("write each row as a line of NDJSON and as one of CSV", async () => {
      const lines = (await exported("orders", "ndjson")).body.trimEnd().split("\n");
      const [row] = lines.map((line) => JSON.parse(line) as { number: string; lines: { sku: string }[] });
      expect(row).to.deep.include({ number: order.number });
      expect(row?.lines[0]?.sku).to.equal(sku);
      const csv = (await exported("orders", "csv")).body;
      expect(csv).to.match(/^id,number,status,email,customerId,total\.amount,total\.currency,/);
      expect(csv.split("\n")[1]).to.contain(`,${order.number},`);
      const stock = await exported("stock", "ndjson");
      expect(stock.body.split("\n").length).to.be.greaterThan(100);
      expect((await exported("customers", "csv")).body)
        .to.contain("customer@example.com")
        .and.not.contain("admin@");
      const products = (await exported("products", "ndjson")).body.trimEnd().split("\n");
      expect(JSON.parse(products[0] ?? "")).to.include.keys("slug", "variants", "status");
    });

    it("begin behind no place of a client's choosing, and know two formats", async () => {
      expect((await exported("stock", "xml")).status).to.equal(422);
      expect((await store.http.get("admin/exports/stock?after=abc", { token })).status).to.equal(422);
      expect((await store.http.get("admin/exports/orders?status=lost", { token })).status).to.equal(422);
    });

    it("come compressed to who takes gzip", async () => {
      const { headers, body } = await raw("/api/v1/admin/exports/stock?format=ndjson", "gzip");
      expect(headers["content-encoding"]).to.equal("gzip");
      expect(headers.vary).to.contain("Accept-Encoding");
      expect(gunzipSync(body).toString()).to.equal((await exported("stock", "ndjson")).body);
      expect((await raw("/api/v1/admin/exports/stock", "gzip;q=0, br")).headers).to.not.have.property(
        "content-encoding",
      );
      const document = await raw("/api/openapi.json", "gzip, deflate, br");
      expect(document.headers["content-encoding"]).to.equal("gzip");
      expect(gunzipSync(document.body).toString()).to.match(/^\{"openapi":"3\.1/);
    });

    /** `fetch` unpacks by itself. */
    const raw = (path: string, encoding: string) =>
      new Promise<{ headers: Record<string, unknown>; body: Buffer }>((resolve, reject) => {
        const headers = { authorization: `Bearer ${token}`, "accept-encoding": encoding };
        request(new URL(path, store.url), { headers }, (answer) => {
          const chunks: Buffer[] = [];
          answer.on("data", (chunk: Buffer) => chunks.push(chunk));
          answer.on("end", () => resolve({ headers: answer.headers, body: Buffer.concat(chunks) }));
        })
          .on("error", reject)
          .end();
      });
  });

  describe("bulk changes", () => {
    it("set stock row by row, a second time without effect", async () => {
      const reserved = (await store.call("inventory.get", { sku })).reserved;
      const rows = [
        { sku, onHand: 70 },
        { sku: "BULK-NEW", onHand: 3 },
        { sku: "BULK-BAD", onHand: -1 },
        { sku, onHand: 71 },
        "nonsense",
      ];
      const first = await post<"inventory.bulkStock">("stock", rows);
      expect(first.status).to.equal(200);
      expect(first.body).to.deep.include({ created: 1, updated: 1, failed: 3, unchanged: 0 });
      expect(first.body.data.map(({ code }) => code)).to.deep.equal([
        undefined,
        undefined,
        "VALIDATION_ERROR",
        "DUPLICATE_ROW",
        "VALIDATION_ERROR",
      ]);
      expect(await store.call("inventory.get", { sku })).to.include({ onHand: 70, reserved });
      const again = await post<"inventory.bulkStock">("stock", rows.slice(0, 2));
      expect(again.body).to.include({ unchanged: 2, failed: 0 });
      const { data } = await store.call("inventory.movements", { sku: "BULK-NEW" });
      expect(data).to.have.length(1);
    });

    it("never take stock below what is held, and no version that has moved on", async () => {
      const item = await store.call("inventory.get", { sku });
      expect(item.reserved).to.equal(2);
      const short = await post<"inventory.bulkStock">("stock", [{ sku, onHand: 1 }]);
      expect(short.body.data[0]).to.include({ status: "failed", code: "STOCK_BELOW_RESERVED" });
      const stale = await post<"inventory.bulkStock">("stock", [
        { sku, onHand: 99, version: item.version - 1 },
      ]);
      expect(stale.body.data[0]).to.include({ code: "VERSION_MISMATCH" });
      expect(await store.call("inventory.get", { sku })).to.deep.equal(item);
    });

    it("create and change products by slug, from NDJSON too", async () => {
      const variants = [{ sku: "BULK-1", name: "", options: {}, prices: [{ amount: 500, currency: "GBP" }] }];
      const rows = [
        { slug: "bulk-one", name: "Bulk one", variants },
        { slug: "bulk-two", name: "No variants" },
        {
          slug: "bulk-three",
          name: "Bad category",
          variants: [{ ...variants[0], sku: "BULK-3" }],
          categories: ["nope"],
        },
        { slug: "bulk-four", name: "SKU taken", variants: [{ ...variants[0], sku }] },
      ];
      const first = await post<"products.bulkProducts">("products", rows);
      expect(first.body.data.map(({ status, code }) => code ?? status)).to.deep.equal([
        "created",
        "VALIDATION_ERROR",
        "CATEGORY_NOT_FOUND",
        "SKU_TAKEN",
      ]);
      const lines = `${JSON.stringify({ slug: "bulk-one", description: "New words" })}\n\n${JSON.stringify(rows[0])}\n`;
      const ndjson = { "content-type": "application/x-ndjson" };
      const second = await post<"products.bulkProducts">("products", lines.split("\n\n")[0], ndjson);
      expect(second.body).to.include({ updated: 1, failed: 0 });
      const third = await post<"products.bulkProducts">("products", [
        { slug: "bulk-one", description: "New words" },
      ]);
      expect(third.body).to.include({ unchanged: 1 });
      const { body } = await store.http.get<Returns<"products.get">>("products/bulk-one");
      expect(body).to.include({ description: "New words", version: 2 });
    });

    it("set prices by SKU and leave other currencies alone", async () => {
      const prices = [
        { sku: "BULK-1", price: { amount: 450, currency: "GBP" } },
        { sku: "BULK-1", price: { amount: 520, currency: "EUR" } },
        { sku: "NOWHERE", price: { amount: 1, currency: "GBP" } },
      ];
      const answer = await post<"products.bulkPrices">("prices", prices);
      expect(answer.body.data.map(({ status, code }) => code ?? status)).to.deep.equal([
        "updated",
        "updated",
        "SKU_NOT_FOUND",
      ]);
      expect((await post<"products.bulkPrices">("prices", prices.slice(0, 2))).body).to.include({
        unchanged: 2,
      });
      const shown = await store.http.get<Returns<"products.get">>("products/bulk-one?currency=EUR");
      expect(shown.body.variants[0]?.price).to.deep.equal({ amount: 520, currency: "EUR" });
    });

    it("refuse what is no list of 1 to 1,000 rows", async () => {
      const many = Array.from({ length: 1001 }, (_, i) => ({ sku: `S-${i}`, onHand: 1 }));
      for (const [body, status] of [
        [{ rows: [] }, 422],
        [[], 422],
        [many, 422],
        ["[1,", 400],
      ] as const)
        expect((await post("stock", body)).status).to.equal(status);
      const csv = await post("stock", "sku,onHand\n", { "content-type": "text/csv" });
      expect(csv.status).to.equal(415);
    });
  });
});
