import { expect } from "chai";
import { aCustomer, freshKey, refusalOf } from "../../helpers/shop.ts";
import { aGuestCart, startCartStore, type CartStore } from "./cart-store.ts";

const day = 24 * 3600 * 1000;

describe("carts: holders, addresses and coupons", () => {
  let store: CartStore;

  before(async () => {
    store = await startCartStore();
  });
  after(() => store.stop());

  const open = (meta = {}, currency = "GBP") =>
    store.call("carts.create", { currency }, { meta: { ...meta } });
  const add = (id: string, sku: string, quantity: number, meta: object) =>
    store.call("carts.addLine", { id, sku, quantity }, { meta: { ...meta } });

  it("keeps one open cart per account, however often one is opened at once", async () => {
    const meta = aCustomer(1);
    const carts = await Promise.all(Array.from({ length: 20 }, () => open(meta)));
    expect(new Set(carts.map(({ id }) => id)).size).to.equal(1);
    for (const cart of carts) expect(cart).not.to.have.property("secret");
    expect((await store.call("carts.mine", {}, { meta })).id).to.equal(carts[0]?.id);
  });

  it("shows an account's cart to nobody else, secret or not", async () => {
    const { id } = await open(aCustomer(2));
    for (const meta of [{}, aCustomer(3), { cartSecret: "x".repeat(43) }])
      expect(await refusalOf(store.call("carts.get", { id }, { meta }))).to.include({
        type: "CART_NOT_FOUND",
      });
    expect(await refusalOf(store.call("carts.mine", {}, { meta: aCustomer(3) }))).to.include({ code: 404 });
    expect(await refusalOf(store.call("carts.mine", {}))).to.include({ code: 401 });
  });

  it("opens one cart for a guest's repeated key, and refuses a short one", async () => {
    const key = freshKey();
    const [a, b] = await Promise.all([open({ idempotencyKey: key }), open({ idempotencyKey: key })]);
    expect(a).to.deep.equal(b);
    expect(a?.secret).to.have.length(43);
    expect(await refusalOf(open({ idempotencyKey: "short" }))).to.include({
      type: "IDEMPOTENCY_KEY_TOO_SHORT",
    });
  });

  it("refuses a currency that does not exist", async () => {
    expect(await refusalOf(open({}, "QQQ"))).to.include({ type: "CURRENCY_NOT_OFFERED", code: 422 });
  });

  it("knows shipping and tax once country and method are known", async () => {
    const { id, meta } = await aGuestCart(store);
    await add(id, "MUG", 2, meta);
    const set = await store.call("carts.update", { id, country: "US", shippingMethod: "standard" }, { meta });
    expect(set.shipping?.currency).to.equal("GBP");
    expect(set.tax).not.to.equal(null);
    expect(set.total.amount).to.equal(
      set.subtotal.amount - set.discount.amount + (set.shipping?.amount ?? 0) + (set.tax?.amount ?? 0),
    );
    const cleared = await store.call("carts.update", { id, country: null }, { meta });
    expect(cleared).to.deep.include({ country: null, shipping: null, tax: null, shippingMethod: "standard" });
    const nowhere = await refusalOf(store.call("carts.update", { id, country: "ZZ" }, { meta }));
    expect(nowhere).to.include({ type: "COUNTRY_NOT_SERVED", code: 422 });
  });

  it("forgets a guest's cart 30 days after its last change, an account's not", async () => {
    const guest = await aGuestCart(store);
    const touched = await aGuestCart(store);
    const customer = aCustomer(10);
    const own = await open(customer);
    store.clock.advance(20 * day);
    await add(touched.id, "MUG", 1, touched.meta);
    store.clock.advance(11 * day);
    expect(await refusalOf(store.call("carts.get", { id: guest.id }, { meta: guest.meta }))).to.include({
      code: 404,
    });
    expect((await store.call("carts.get", { id: touched.id }, { meta: touched.meta })).lines).to.have.length(
      1,
    );
    expect((await store.call("carts.mine", {}, { meta: customer })).id).to.equal(own.id);
    const { sweepCarts } = await import("../../../services/carts/carts.sweep.ts");
    const service = store.broker.getLocalService("carts") as unknown as Parameters<typeof sweepCarts>[0];
    expect(await sweepCarts(service)).to.be.at.least(1);
    expect(await sweepCarts(service)).to.equal(0);
    expect((await store.call("carts.get", { id: touched.id }, { meta: touched.meta })).id).to.equal(
      touched.id,
    );
  });
});
