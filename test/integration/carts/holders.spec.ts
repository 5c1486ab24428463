import { expect } from "chai";
import { sql } from "../../../mixins/sql.ts";
import type { SqlActor } from "../../../mixins/sql.types.ts";
import { uuidv7 } from "../../../mixins/uuid.ts";
import { aCustomer, anAddress, freshKey, place, refusalOf } from "../../helpers/shop.ts";
import { eventually } from "../../helpers/eventually.ts";
import type { ActionMap } from "../../../services/contracts.ts";
import { aGuestCart, startCartStore, type CartStore } from "./cart-store.ts";

const newId = uuidv7({ now: () => Date.now() });
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

  it("applies a coupon that orders knows, refuses others with the reason, and does without it again", async () => {
    const coupon: ActionMap["orders.createCoupon"]["params"] = { code: "TENTH", kind: "percent", value: 10 };
    await store.call("orders.createCoupon", coupon, { meta: aCustomer(9) });
    const { id, meta } = await aGuestCart(store);
    await add(id, "MUG", 4, meta);
    const applied = await store.call("carts.applyCoupon", { id, code: "tenth" }, { meta });
    expect(applied).to.deep.include({ discount: { amount: 500, currency: "GBP" } });
    expect(applied.total.amount).to.equal(4500);
    expect(applied.coupon).to.include({ applied: true });
    const refusal = await refusalOf(store.call("carts.applyCoupon", { id, code: "NONE" }, { meta }));
    expect(refusal).to.include({ type: "COUPON_NOT_APPLICABLE", code: 422 });
    expect(refusal.data?.["reason"]).to.be.a("string");
    const without = await store.call("carts.removeCoupon", { id }, { meta });
    expect(without.discount.amount).to.equal(0);
    expect(without).not.to.have.property("coupon");
  });

  it("merges a guest's cart into the account's: added, capped by what is left, with a word on it", async () => {
    const customer = aCustomer(4);
    const own = await open(customer);
    await add(own.id, "RARE", 2, customer);
    await add(own.id, "MUG", 1, customer);
    const guest = await aGuestCart(store);
    await add(guest.id, "RARE", 3, guest.meta);
    await add(guest.id, "MUG", 2, guest.meta);
    await add(guest.id, "TEA", 5, guest.meta);
    const meta = { ...customer, ...guest.meta };
    const merged = await store.call("carts.merge", { id: guest.id }, { meta });
    const quantities = Object.fromEntries(merged.cart.lines.map(({ sku, quantity }) => [sku, quantity]));
    expect(merged.cart.id).to.equal(own.id);
    expect(quantities).to.deep.equal({ RARE: 3, MUG: 3, TEA: 5 });
    expect(merged.notices.map(({ sku, code }) => [sku, code])).to.deep.equal([
      ["RARE", "QUANTITY_CAPPED"],
      ["MUG", "QUANTITIES_ADDED"],
    ]);
    const again = await store.call("carts.merge", { id: guest.id }, { meta });
    expect(again.cart.lines).to.deep.equal(merged.cart.lines);
    expect(await refusalOf(add(guest.id, "MUG", 1, guest.meta))).to.include({
      type: "CART_CLOSED",
      code: 409,
    });
    const stranger = { ...aCustomer(5), ...guest.meta };
    expect(await refusalOf(store.call("carts.merge", { id: guest.id }, { meta: stranger }))).to.include({
      code: 404,
    });
  });

  /** The body of a guest's order of a cart. */
  const orderOf = (cartId: string, token: string) => ({
    cartId,
    email: "ada@example.com",
    shippingAddress: anAddress,
    shippingMethod: "standard" as const,
    payment: { provider: "test" as const, token },
  });

  it("does not merge a cart whose order waits for its payment: nothing is ordered twice", async () => {
    const customer = aCustomer(7);
    const guest = await aGuestCart(store);
    await add(guest.id, "TEA", 5, guest.meta);
    const order = await place(store, orderOf(guest.id, "tok_3ds"), guest.meta);
    expect(order.status).to.equal("pending");
    const merge = store.call("carts.merge", { id: guest.id }, { meta: { ...customer, ...guest.meta } });
    expect(await refusalOf(merge)).to.include({ type: "CART_CLOSED", code: 409 });
    const kept = await store.call("carts.get", { id: guest.id }, { meta: guest.meta });
    expect(kept.lines.map(({ sku, quantity }) => [sku, quantity])).to.deep.equal([["TEA", 5]]);
    expect(await refusalOf(store.call("carts.mine", {}, { meta: customer }))).to.include({ code: 404 });
  });

  it("takes what was ordered out of the account's cart, when the guest's was merged in the moment between", async () => {
    const customer = aCustomer(8);
    const own = await open(customer);
    await add(own.id, "MUG", 1, customer);
    const guest = await aGuestCart(store);
    await add(guest.id, "MUG", 2, guest.meta);
    await add(guest.id, "TEA", 5, guest.meta);
    const order = await place(store, orderOf(guest.id, "tok_3ds"), guest.meta);
    // As if the order had been written right after the merge had looked.
    const { store: rows } = store.broker.getLocalService("orders") as unknown as SqlActor;
    const point = (cartId: string | null) =>
      rows.write((tx) => tx.run(sql`update orders set cart_id = ${cartId} where id = ${order.id}`));
    await point(null);
    await store.call("carts.merge", { id: guest.id }, { meta: { ...customer, ...guest.meta } });
    await point(guest.id);
    const event = {
      id: newId(),
      type: "orders.confirmed",
      entity: order.id,
      version: 3,
      at: new Date().toISOString(),
      payload: { order, cartId: guest.id },
    };
    for (const _ of [1, 2]) await store.call("carts.receive", { from: "orders", events: [event] });
    const mine = await store.call("carts.mine", {}, { meta: customer });
    expect(mine.lines.map(({ sku, quantity }) => [sku, quantity])).to.deep.equal([["MUG", 1]]);
  });

  it("closes every cart of a delivery that was ordered, and no other", async () => {
    const carts = [await aGuestCart(store), await aGuestCart(store), await aGuestCart(store)];
    for (const { id, meta } of carts) await add(id, "TEA", 1, meta);
    const order = await place(store, orderOf(carts[2]!.id, "tok_3ds"), carts[2]!.meta);
    const event = (cartId: string | null) => ({
      id: newId(),
      type: "orders.confirmed",
      entity: order.id,
      version: 3,
      at: new Date().toISOString(),
      payload: { order, cartId },
    });
    const events = [event(carts[0]!.id), event(null), event(newId()), event(carts[1]!.id)];
    expect(await store.call("carts.receive", { from: "orders", events })).to.deep.include({ failed: [] });
    const states = carts.map(({ id, meta }) => store.call("carts.get", { id }, { meta }));
    expect((await Promise.all(states)).map(({ status }) => status)).to.deep.equal([
      "converted",
      "converted",
      "open",
    ]);
  });

  it("merges 10 times at once with the effect of one, also into an account without a cart", async () => {
    const customer = aCustomer(6);
    const guest = await aGuestCart(store);
    await add(guest.id, "TEA", 5, guest.meta);
    const meta = { ...customer, ...guest.meta };
    await Promise.all(
      Array.from({ length: 10 }, () => store.call("carts.merge", { id: guest.id }, { meta: { ...meta } })),
    );
    const mine = await store.call("carts.mine", {}, { meta: customer });
    expect(mine.lines.map(({ quantity }) => quantity)).to.deep.equal([5]);
  });

  it("merges only with the guest's secret, and not across currencies", async () => {
    const customer = aCustomer(7);
    const own = await open(customer);
    await add(own.id, "MUG", 1, customer);
    const guest = await store.call("carts.create", { currency: "EUR" });
    const without = store.call("carts.merge", { id: guest.id }, { meta: { ...customer } });
    expect(await refusalOf(without)).to.include({ type: "CART_NOT_FOUND", code: 404 });
    const meta = { ...customer, cartSecret: guest.secret as string };
    expect(await refusalOf(store.call("carts.merge", { id: guest.id }, { meta }))).to.include({
      type: "CURRENCY_MISMATCH",
      code: 409,
    });
  });

  it("hands an order its lines, and closes when the order is confirmed, whose key is answered as before then", async () => {
    const { id, meta } = await aGuestCart(store);
    expect(await refusalOf(store.call("carts.checkout", { id }, { meta }))).to.include({
      type: "CART_EMPTY",
    });
    const cart = await add(id, "MUG", 2, meta);
    expect(await store.call("carts.checkout", { id }, { meta })).to.deep.equal({
      id,
      version: cart.version,
      currency: "GBP",
      lines: [{ sku: "MUG", quantity: 2 }],
      couponCode: null,
      email: null,
      customerId: null,
    });
    const keyed = { ...meta, idempotencyKey: freshKey() };
    const order = {
      cartId: id,
      email: "ada@example.com",
      shippingAddress: anAddress,
      shippingMethod: "standard" as const,
      payment: { provider: "test" as const, token: "tok_visa" },
    };
    const placed = await store.call("orders.place", order, { meta: { ...keyed } });
    await eventually(async () => (await store.call("carts.get", { id }, { meta })).status === "converted");
    expect(await store.call("orders.place", order, { meta: { ...keyed } })).to.deep.equal(placed);
    const other = store.call("orders.place", { ...order, shippingMethod: "express" }, { meta: { ...keyed } });
    expect(await refusalOf(other)).to.include({ type: "IDEMPOTENCY_KEY_REUSED", code: 422 });
    expect(await refusalOf(add(id, "MUG", 1, meta))).to.include({ type: "CART_CLOSED", code: 409 });
    expect(await refusalOf(store.call("carts.checkout", { id }, { meta }))).to.include({
      type: "CART_CLOSED",
    });
  });

  it("lets an account open another cart once its own was ordered", async () => {
    const customer = aCustomer(8);
    const first = await open(customer);
    const event = {
      id: newId(),
      type: "orders.confirmed",
      entity: newId(),
      version: 2,
      at: new Date().toISOString(),
    };
    const payload = { order: {}, cartId: first.id };
    await store.call("carts.receive", { from: "orders", events: [{ ...event, payload }] });
    expect((await open(customer)).id).not.to.equal(first.id);
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
