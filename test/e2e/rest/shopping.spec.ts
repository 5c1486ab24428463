import { expect } from "chai";
import type { Problem } from "../../../contract/http-problem.ts";
import type { ActionMap } from "../../../services/contracts.ts";
import { eventually } from "../../helpers/eventually.ts";
import { anOrder, freshKey } from "../../helpers/shop.ts";
import { inStock } from "../../helpers/in-stock.ts";
import { startStore, type TestStore } from "../../helpers/store.ts";

type Returns<N extends keyof ActionMap> = ActionMap[N]["returns"];
const password = "a long enough password";

describe("shopping over REST", function () {
  this.timeout(60_000);
  let store: TestStore;
  let sku: string;
  let slug: string;

  before(async () => {
    store = await startStore({ seed: true });
    ({ slug, sku } = await inStock(store));
  });
  after(() => store.stop());

  const register = async (email: string) => {
    const made = await store.http.post("auth/register", { email, password, name: "Ada" });
    expect(made.status).to.equal(201);
    const login = await store.http.post<Returns<"users.login">>("auth/login", { email, password });
    expect(login.status).to.equal(200);
    return {
      token: login.body.accessToken,
      cookie: (login.headers.get("set-cookie") ?? "").split(";")[0] as string,
    };
  };

  it("finds a product in the list and by its slug, unchanged by 304", async () => {
    const found = await store.http.get<Returns<"products.get">>(`products/${slug}?currency=GBP`);
    expect(found.status).to.equal(200);
    expect(found.body.variants.map((variant) => variant.sku)).to.include(sku);
    const etag = found.headers.get("etag") ?? "";
    const again = await store.http.get(`products/${slug}?currency=GBP`, {
      headers: { "if-none-match": etag },
    });
    expect(again.status).to.equal(304);
  });

  it("takes a guest from a cart to an order that only its secret opens", async () => {
    const cart = await store.http.post<Returns<"carts.create">>("carts", { currency: "GBP" });
    expect(cart.status).to.equal(201);
    expect(cart.headers.get("location")).to.equal(`/api/v1/carts/${cart.body.id}`);
    const headers = { "x-cart-secret": cart.body.secret! };
    const line = await store.http.post<Returns<"carts.addLine">>(
      `carts/${cart.body.id}/lines`,
      { sku, quantity: 2 },
      { headers },
    );
    expect(line.status).to.equal(201);
    const body = { ...anOrder([]), cartId: cart.body.id } as Record<string, unknown>;
    delete body.lines;
    delete body.currency;
    const key = freshKey();
    const placed = await store.http.post<Returns<"orders.place">>("orders", body, { headers, key });
    expect(placed.status, JSON.stringify(placed.body)).to.equal(201);
    expect(placed.body.status).to.equal("confirmed");
    const replay = await store.http.post("orders", body, { headers, key });
    expect(replay.status).to.equal(201);
    expect(replay.headers.get("idempotent-replayed")).to.equal("true");
    expect(replay.body).to.deep.equal(placed.body);

    const url = `orders/${placed.body.id}`;
    const own = await store.http.get(url, { headers: { "x-order-secret": placed.body.secret! } });
    expect(own.status).to.equal(200);
    expect(own.headers.get("etag")).to.match(/^"\d+"$/);
    for (const wrong of [{}, { "x-order-secret": "wrong" }, { "x-order-secret": cart.body.secret! }]) {
      const answer = await store.http.get<Problem>(url, { headers: wrong as Record<string, string> });
      expect(answer.status).to.equal(404);
      expect(answer.body.code).to.equal("ORDER_NOT_FOUND");
    }
  });

  it("streams an order's changes to its holder", async () => {
    const { token } = await register("stream@example.org");
    const placed = await store.http.post<Returns<"orders.place">>("orders", anOrder([{ sku, quantity: 1 }]), {
      token,
      key: freshKey(),
    });
    expect(placed.status).to.equal(201);
    const abort = new AbortController();
    const response = await fetch(`${store.url}/api/v1/orders/${placed.body.id}/stream`, {
      headers: { authorization: `Bearer ${token}` },
      signal: abort.signal,
    });
    expect(response.headers.get("content-type")).to.contain("text/event-stream");
    const reader = response.body!.getReader();
    await store.http.post(`orders/${placed.body.id}/cancel`, {}, { token });
    let text = "";
    await eventually(async () => {
      text += Buffer.from((await reader.read()).value ?? []).toString();
      return text.includes("cancelled");
    });
    abort.abort();
  });

  it("ends a session for good at logout (check 8)", async () => {
    const { token, cookie } = await register("logout@example.org");
    expect((await store.http.get("me", { token })).status).to.equal(200);
    const renewed = await store.http.post<Returns<"users.login">>(
      "auth/refresh",
      {},
      { headers: { cookie } },
    );
    expect(renewed.status).to.equal(200);
    const next = (renewed.headers.get("set-cookie") ?? "").split(";")[0] as string;
    expect((await store.http.post("auth/logout", {}, { headers: { cookie: next } })).status).to.equal(204);
    expect((await store.http.get("me", { token: renewed.body.accessToken })).status).to.equal(401);
    expect((await store.http.post("auth/refresh", {}, { headers: { cookie: next } })).status).to.equal(401);
  });

  it("refuses a session's tokens in each other's place (check 6)", async () => {
    const { token, cookie } = await register("kinds@example.org");
    const refresh = cookie.slice(cookie.indexOf("=") + 1);
    expect((await store.http.get("me", { token: refresh })).status).to.equal(401);
    expect(
      (await store.http.post("auth/refresh", {}, { headers: { cookie: `refresh=${token}` } })).status,
    ).to.equal(401);
  });

  it("changes a cart only in the version that was seen", async () => {
    const cart = await store.http.post<Returns<"carts.create">>("carts", { currency: "GBP" });
    const url = `carts/${cart.body.id}`;
    const headers = { "x-cart-secret": cart.body.secret!, "if-match": cart.headers.get("etag")! };
    const change = () => store.http.patch<Problem>(url, { country: "GB" }, { headers });
    const [first, second] = [await change(), await change()];
    expect(first.status).to.equal(200);
    expect(second.status).to.equal(412);
    expect(second.body.code).to.equal("VERSION_MISMATCH");
  });
});
