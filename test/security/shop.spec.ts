import { expect } from "chai";
import type { Problem } from "../../contract/http-problem.ts";
import { contracts, type ActionMap } from "../../services/contracts.ts";
import { publishedActions } from "../../services/gateway/gateway.routes.ts";
import { eventually } from "../helpers/eventually.ts";
import { anOrder, freshKey } from "../helpers/shop.ts";
import { inStock } from "../helpers/in-stock.ts";
import { startStore, type TestStore } from "../helpers/store.ts";

type Returns<N extends keyof ActionMap> = ActionMap[N]["returns"];
type Json = Record<string, unknown>;
const password = "canary-password-5817";

describe("a whole store", function () {
  this.timeout(60_000);
  let store: TestStore;
  let admin: string;
  let sku: string;
  let anna: Shopper;
  let bert: Shopper;

  interface Shopper {
    token: string;
    id: string;
    address: string;
    cart: string;
    order: string;
  }

  before(async () => {
    store = await startStore({ seed: true, env: { ADMIN_EMAIL: "admin@example.org" } });
    admin = (await login("admin@example.org", "correct horse battery")).accessToken;
    ({ sku } = await inStock(store));
    anna = await shopper("anna@example.org");
    bert = await shopper("bert@example.org");
  });
  after(() => store.stop());

  const login = async (email: string, secret: string): Promise<Returns<"users.login">> => {
    const { status, body } = await store.http.post<Returns<"users.login">>("auth/login", {
      email,
      password: secret,
    });
    expect(status, email).to.equal(200);
    return body;
  };

  async function shopper(email: string): Promise<Shopper> {
    await store.http.post("auth/register", { email, password, name: "A" });
    const { accessToken: token, user } = await login(email, password);
    const { shippingAddress } = anOrder([]);
    const address = await store.http.post<{ id: string }>("me/addresses", shippingAddress, { token });
    const cart = await store.http.post<{ id: string }>("carts", { currency: "GBP" }, { token });
    const order = await store.http.post<{ id: string }>("orders", anOrder([{ sku, quantity: 1 }]), {
      token,
      key: freshKey(),
    });
    for (const { status, body } of [address, cart, order]) expect(status, JSON.stringify(body)).to.equal(201);
    return { token, id: user.id, address: address.body.id, cart: cart.body.id, order: order.body.id };
  }

  it("lets nobody give themselves a role (check 18)", async () => {
    const extras = [
      { role: "admin" },
      { isAdmin: true },
      { balance: 1 },
      { id: anna.id },
      { emailVerified: true },
      { version: 9 },
    ];
    for (const extra of extras) {
      const change = await store.http.patch<Problem>("me", { name: "A", ...extra }, { token: anna.token });
      expect(change.status, JSON.stringify(extra)).to.equal(422);
      const body = { email: `x${Object.keys(extra)[0]}@example.org`, password, name: "A", ...extra };
      expect((await store.http.post("auth/register", body)).status).to.equal(422);
    }
    const { body } = await store.http.get<{ role: string; version: number }>("me", { token: anna.token });
    expect(body.role).to.equal("customer");
  });

  it("answers for another's row exactly as for a missing one, on every route (check 20)", async () => {
    const missing = "01890000-0000-7000-8000-0000000000aa";
    const bodies: Record<string, Json> = {
      "orders.requestReturn": { lines: [{ sku, quantity: 1 }], reason: "x" },
      "carts.addLine": { sku, quantity: 1 },
      "carts.setLine": { quantity: 1 },
      "carts.setCurrency": { currency: "EUR" },
      "carts.applyCoupon": { code: "ABC" },
      "carts.update": { country: "GB" },
      "users.updateAddress": { city: "Mine" },
    };
    const owned: [RegExp, keyof Shopper][] = [
      [/^\/orders\/:id/, "order"],
      [/^\/carts\/:id/, "cart"],
      [/^\/me\/addresses\/:id/, "address"],
    ];
    const before = await dump(bert);
    let asked = 0;
    for (const { name, method, path } of publishedActions(contracts)) {
      const rule = owned.find(([pattern]) => pattern.test(path));
      if (rule === undefined) continue;
      const ask = (id: string) =>
        store.http.request<Problem>(
          method,
          `/api/v1${path.replace(":id", id).replace(":sku", encodeURIComponent(sku))}`,
          {
            token: anna.token,
            ...(method !== "GET" && method !== "DELETE" && { body: bodies[name] ?? {} }),
          },
        );
      const [theirs, none] = [await ask(bert[rule[1]]), await ask(missing)];
      const blank = ({ requestId: _, ...body }: Problem) => body;
      expect(theirs.status, `${name} ${JSON.stringify(theirs.body)}`).to.equal(404);
      expect(blank(theirs.body), name).to.deep.equal(blank(none.body));
      asked++;
    }
    expect(asked).to.be.greaterThan(10);
    expect(await dump(bert)).to.deep.equal(before);
  });

  const dump = async ({ token, order, cart }: Shopper) =>
    Promise.all(
      [`orders/${order}`, `carts/${cart}`, "me", "me/addresses", "me/orders"].map(
        async (path) => (await store.http.get(path, { token })).body,
      ),
    );

  it("takes nobody else's cart inside a body (check 21)", async () => {
    const { lines: _l, currency: _c, ...rest } = anOrder([{ sku, quantity: 1 }]);
    const answer = await store.http.post(
      "orders",
      { ...rest, cartId: bert.cart },
      { token: anna.token, key: freshKey() },
    );
    expect(answer.status).to.be.oneOf([404, 422]);
    const shipping = await store.http.get(`shipping-methods?country=GB&cartId=${bert.cart}`, {
      token: anna.token,
    });
    expect(shipping.status).to.be.oneOf([404, 422]);
  });

  it("counts in whole units and at its own prices (check 44)", async () => {
    const bad = ["-1", "0", "0.5", "1e308", '"1e3"', '"1"', "null", "9007199254740992", "100001"];
    for (const quantity of bad) {
      const body = JSON.stringify(anOrder([{ sku, quantity: 7777 }])).replace("7777", quantity);
      const answer = await store.http.post("orders", body, { key: freshKey() });
      expect(answer.status, quantity).to.equal(422);
      const line = `{"sku":${JSON.stringify(sku)},"quantity":${quantity}}`;
      expect(
        (await store.http.post(`carts/${anna.cart}/lines`, line, { token: anna.token })).status,
      ).to.equal(422);
    }
    expect(
      (await store.http.post("orders", '{"lines":[{"quantity":NaN}]}', { key: freshKey() })).status,
    ).to.equal(400);
    const priced = {
      ...anOrder([{ sku, quantity: 1 }]),
      lines: [{ sku, quantity: 1, unitPrice: { amount: 1, currency: "GBP" } }],
    };
    expect((await store.http.post("orders", priced, { key: freshKey() })).status).to.equal(422);
    const total = { ...anOrder([{ sku, quantity: 1 }]), total: { amount: 1, currency: "GBP" } };
    expect((await store.http.post("orders", total, { key: freshKey() })).status).to.equal(422);

    const twice = anOrder([
      { sku, quantity: 1 },
      { sku, quantity: 1 },
    ]);
    const placed = await store.http.post<Returns<"orders.place">>("orders", twice, { key: freshKey() });
    expect(placed.status).to.equal(201);
    expect(placed.body.lines).to.have.lengthOf(1);
    const [line] = placed.body.lines;
    expect(line?.quantity).to.equal(2);
    const found = await store.http.get<Returns<"products.get">>(`products/${line?.productId}?currency=GBP`);
    const variant = found.body.variants.find((one) => one.sku === sku);
    expect(line?.unitPrice).to.deep.equal(variant?.price);
    const { subtotal, shipping, tax, discount, total: sum } = placed.body;
    expect(subtotal.amount).to.equal(2 * (variant?.price.amount ?? 0));
    expect(sum.amount).to.equal(subtotal.amount + shipping.amount + tax.amount - discount.amount);
  });

  it("ends the sessions of an account that is disabled, and the rights of one that is demoted (check 9)", async () => {
    const body = { email: "staff@example.org", password, name: "S", role: "staff" };
    const made = await store.http.post<Returns<"users.create">>("admin/users", body, { token: admin });
    expect(made.status).to.equal(201);
    const { accessToken: token } = await login("staff@example.org", password);
    expect((await store.http.get("admin/orders", { token })).status).to.equal(200);
    const change = (changes: Json, version: number) =>
      store.http.patch<Returns<"users.update">>(`admin/users/${made.body.id}`, changes, {
        token: admin,
        headers: { "if-match": `"${version}"` },
      });
    const demoted = await change({ role: "customer" }, made.body.version);
    expect(demoted.status).to.equal(200);
    await eventually(async () =>
      [401, 403].includes((await store.http.get("admin/orders", { token })).status),
    );
    expect((await change({ disabled: true }, demoted.body.version)).status).to.equal(200);
    await eventually(async () => (await store.http.get("me", { token })).status === 401);
    expect((await store.http.post("auth/login", { email: body.email, password })).status).to.equal(401);
  });

  it("keeps the last administrator", async () => {
    const { body } = await store.http.get<{ id: string; version: number }>("me", { token: admin });
    const options = { token: admin, headers: { "if-match": `"${body.version}"` } };
    expect((await store.http.patch(`admin/users/${body.id}`, { role: "customer" }, options)).status).to.equal(
      409,
    );
  });
});
