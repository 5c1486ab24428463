import { expect } from "chai";
import type { Problem } from "../../../contract/http-problem.ts";
import type { Permission } from "../../../contract/permissions.ts";
import { contextOf } from "../../../mixins/context.ts";
import { runChecks } from "../../../scripts/verify/run.ts";
import type { ActionMap } from "../../../services/contracts.ts";
import { eventually } from "../../helpers/eventually.ts";
import { anOrder, freshKey, type Placed } from "../../helpers/shop.ts";
import { startStore, type TestStore } from "../../helpers/store.ts";
import { aThing } from "../products/catalogue.ts";
import { receiver, type Receiver } from "../webhooks/receiver.ts";

type Returns<N extends keyof ActionMap> = ActionMap[N]["returns"];
const sku = "SAND-1";
const admin = { email: "admin@valence.local", password: "correct horse battery" };

const signIn = async (store: TestStore): Promise<string> =>
  (await store.http.post<Returns<"users.login">>("auth/login", admin)).body.accessToken;

const makeKey = async (store: TestStore, scopes: readonly Permission[]) =>
  (
    await store.http.post<Returns<"users.createApiKey">>(
      "api-keys",
      { name: "erp", scopes },
      { token: await signIn(store) },
    )
  ).body;

describe("a sandbox", function () {
  this.timeout(30_000);
  let store: TestStore;
  let hook: Receiver;
  let token: string;

  before(async () => {
    hook = await receiver();
    store = await startStore({
      env: { SANDBOX: "on", PAYMENT_PROVIDERS: "stripe", WEBHOOK_ALLOW_PRIVATE: "on" },
    });
    token = (
      await makeKey(store, [
        "orders:read",
        "orders:write",
        "webhooks:write",
        "catalog:write",
        "sandbox:write",
      ])
    ).key;
    await store.http.post("admin/products", aThing(sku), { token });
    const items = [{ sku, onHand: 10 }];
    await store.call("inventory.setStock", { key: "test", reason: "count", items });
  });
  after(async () => {
    await store.stop();
    await hook.close();
  });

  const order = (card = "tok_visa") =>
    store.http.post<Placed>(
      "orders",
      anOrder([{ sku, quantity: 1 }], { payment: { provider: "test", token: card } }),
      { token, key: freshKey() },
    );
  const advance = (advanceSeconds: number, key?: string) =>
    store.http.post<Returns<"users.sandbox">>(
      "sandbox/clock",
      { advanceSeconds },
      { token, ...(key === undefined ? {} : { key }) },
    );
  const reserved = async () => (await store.call("inventory.get", { sku })).reserved;

  it("makes test keys, and pays by the test provider whatever the live store offers", async () => {
    const made = await makeKey(store, ["orders:read"]);
    expect(made).to.include({ mode: "test" });
    expect(made.key).to.match(/^vk_test_[\w-]{43}$/);
    const { status, body } = await order();
    expect([status, body.status]).to.deep.equal([201, "confirmed"]);
    expect(body.payment.provider).to.equal("test");
  });

  it("frees the stock of an order that nobody paid, when its clock is moved past the hold", async () => {
    const before = await reserved();
    const { body } = await order("tok_3ds");
    expect(await reserved()).to.equal(before + 1);
    const now = store.clock.now();
    const moved = await advance(31 * 60);
    expect(moved.status).to.equal(200);
    expect(Date.parse(moved.body.now)).to.be.at.least(now + 31 * 60_000);
    await eventually(async () => (await reserved()) === before, 10_000);
    const after = await store.http.get<Placed>(`admin/orders/${body.id}`, { token });
    expect(after.body.status).to.equal("expired");
  });

  it("sends a webhook again at once, when its clock is moved past the pause", async () => {
    hook.answer = (_, res) => res.writeHead(500).end();
    const endpoint = { url: hook.url, types: ["orders.confirmed"] };
    await store.http.post("webhook-endpoints", endpoint, { token });
    const { body } = await order();
    const triesOf = () => hook.got.filter(({ event }) => JSON.stringify(event.data).includes(body.id)).length;
    // The fourth pause is half a minute.
    for (const tries of [1, 2, 3, 4, 5]) {
      await eventually(() => triesOf() >= tries, 10_000);
      await advance(60);
    }
    hook.answer = (_, res) => res.writeHead(204).end();
  });

  it("moves its clock once for a repeated key, and never back", async () => {
    const key = freshKey();
    const first = await advance(5, key);
    const again = await advance(5, key);
    expect(again.body.aheadSeconds).to.equal(first.body.aheadSeconds);
    expect((await advance(-5)).status).to.equal(422);
    const shown = await store.http.get<Returns<"users.sandbox">>("sandbox", { token });
    expect(shown.body.aheadSeconds).to.equal(first.body.aheadSeconds);
  });

  it("forgets orders, carts and payments at a reset; stock, catalogue and keys stay", async () => {
    const cart = await store.http.post<Returns<"carts.create">>("carts", { currency: "GBP" });
    await order("tok_3ds");
    expect((await store.http.post("sandbox/reset", {}, { token })).status).to.equal(200);
    const orders = await store.http.get<Returns<"orders.list">>("admin/orders", { token });
    expect(orders.body.data).to.deep.equal([]);
    const gone = await store.http.get(`carts/${cart.body.id}`, {
      headers: { "x-cart-secret": cart.body.secret ?? "" },
    });
    expect(gone.status).to.equal(404);
    expect(await store.call("inventory.get", { sku })).to.include({ onHand: 10, reserved: 0 });
    expect((await order()).status).to.equal(201);
    const { config } = contextOf(store.broker);
    const lines = await eventually(async () => {
      const found = await runChecks(config, { running: true });
      return found.every(({ violations }) => violations.length === 0) ? found : undefined;
    }, 10_000);
    expect(lines).to.have.length(22);
    const audit = await store.call("audit.list", { limit: 100 });
    expect(audit.data.map(({ action }) => action)).to.include("users.resetSandbox");
  });
});

describe("a store that is no sandbox", function () {
  this.timeout(20_000);
  let store: TestStore;

  before(async () => {
    store = await startStore({ services: ["users", "orders", "gateway"] });
  });
  after(() => store.stop());

  it("has no clock to move and nothing to reset, and takes no test key", async () => {
    const { key, mode } = await makeKey(store, ["sandbox:write"]);
    expect(mode).to.equal("live");
    const tried = [
      store.http.get<Problem>("sandbox", { token: key }),
      store.http.post<Problem>("sandbox/clock", { advanceSeconds: 60 }, { token: key }),
      store.http.post<Problem>("sandbox/reset", {}, { token: key }),
    ];
    for (const { status, body } of await Promise.all(tried))
      expect([status, body.code]).to.deep.equal([404, "SANDBOX_OFF"]);
    const wiped = await store.call("orders.wipe", {}).catch((error: unknown) => error);
    expect(wiped).to.include({ type: "SANDBOX_OFF" });
    const test = await store.http.get("sandbox", { token: key.replace("vk_live_", "vk_test_") });
    expect(test.status).to.equal(401);
  });
});
