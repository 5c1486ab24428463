import { expect } from "chai";
import type { Middleware, Service } from "moleculer";
import { makeJwtKeys, makeSecret } from "../../../config/kept.ts";
import { anAddress, anOrder, freshKey, place as order, refusalOf, staff } from "../../helpers/shop.ts";
import { startStore, type TestStore } from "../../helpers/store.ts";
import { aThing, place as kept } from "./catalogue.ts";

/** A catalogue on one node, what sells it on another. */
describe("a catalogue on another node", function () {
  this.timeout(30_000);
  let catalogue: TestStore;
  let checkout: TestStore;
  let asked = 0;
  /** The broadcasts of the catalogue do not reach the other node. */
  let deaf = false;

  const counted: Middleware = {
    name: "Counted",
    localAction: (next, action) =>
      function (this: Service, ctx) {
        if (action.name === "products.resolve") asked += 1;
        return next.call(this, ctx);
      },
  };
  const deafened: Middleware = {
    name: "Deafened",
    localEvent: (next, event) =>
      function (this: Service, ctx) {
        return deaf && event.name === "products.touched" ? Promise.resolve() : next.call(this, ctx);
      },
  };

  before(async () => {
    const env = {
      ...(await kept()),
      APP_SECRET: makeSecret(),
      JWT_KEYS: makeJwtKeys(),
      TRANSPORTER: "fake://elsewhere",
      NAMESPACE: "elsewhere",
    };
    catalogue = await startStore({
      services: ["products", "inventory"],
      middlewares: [counted],
      env: { ...env, NODEID: "catalogue.1" },
    });
    checkout = await startStore({
      services: ["carts", "orders", "payments"],
      middlewares: [deafened],
      env: { ...env, NODEID: "checkout.1" },
    });
    await checkout.broker.waitForServices(["products", "inventory"]);
    await catalogue.broker.waitForServices(["orders"]);
  });
  after(async () => {
    await checkout?.stop();
    await catalogue?.stop();
  });
  beforeEach(() => {
    deaf = false;
  });

  const sell = async (sku: string) => {
    const made = await catalogue.call("products.create", aThing(sku), { meta: staff });
    const items = [{ sku, onHand: 1000 }];
    await catalogue.call("inventory.setStock", { key: sku, reason: "count", items });
    return made;
  };
  const change = async (id: string, fields: object) => {
    const { version } = await checkout.call("products.adminGet", { id }, { meta: staff });
    await checkout.call("products.update", { id, ...fields }, { meta: { ...staff, ifMatch: version } });
  };
  const pricedAt = (sku: string, amount: number) => ({
    variants: [{ sku, name: "", options: {}, prices: [{ amount, currency: "GBP" }] }],
  });
  const paid = async (sku: string) =>
    (await order(checkout, anOrder([{ sku, quantity: 1 }]))).subtotal.amount;

  it("is asked once for what a cart and its order say of an article", async () => {
    await sell("ONCE");
    asked = 0;
    const { id, secret } = await checkout.call("carts.create", { currency: "GBP" });
    const meta = { cartSecret: secret };
    await checkout.call("carts.addLine", { id, sku: "ONCE", quantity: 2 }, { meta });
    const { lines: _lines, currency: _currency, ...details } = anOrder([]);
    const body = { ...details, cartId: id, shippingAddress: anAddress };
    const placed = await checkout.call("orders.place", body, {
      meta: { ...meta, idempotencyKey: freshKey() },
    });
    expect(placed.subtotal.amount).to.equal(1000);
    expect(asked).to.equal(1);
  });

  it("sells at a new price from the answer to its change on, twenty times of twenty", async () => {
    const { id } = await sell("DEARER");
    for (let amount = 600; amount < 620; amount++) {
      await change(id, pricedAt("DEARER", amount));
      expect(await paid("DEARER")).to.equal(amount);
    }
  });

  it("sells at a new price within a second when nobody is told of it", async () => {
    const { id } = await sell("UNTOLD");
    expect(await paid("UNTOLD")).to.equal(500);
    deaf = true;
    await change(id, pricedAt("UNTOLD", 700));
    const since = Date.now();
    while ((await paid("UNTOLD")) !== 700) expect(Date.now() - since).to.be.lessThan(1500);
  });

  it("sells no more of what was just taken from sale", async () => {
    const { id } = await sell("ENDED");
    await paid("ENDED");
    await change(id, { status: "archived" });
    expect(await refusalOf(paid("ENDED"))).to.include({ type: "SKU_NOT_FOUND", code: 422 });
  });
});
