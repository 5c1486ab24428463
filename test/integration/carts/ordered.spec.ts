import { expect } from "chai";
import { sql } from "../../../mixins/sql.ts";
import type { SqlActor } from "../../../mixins/sql.types.ts";
import { uuidv7 } from "../../../mixins/uuid.ts";
import { aCustomer, anAddress, freshKey, place, refusalOf } from "../../helpers/shop.ts";
import { eventually } from "../../helpers/eventually.ts";
import type { ActionMap } from "../../../services/contracts.ts";
import { aGuestCart, startCartStore, type CartStore } from "./cart-store.ts";

const newId = uuidv7({ now: () => Date.now() });

describe("carts: what is ordered", () => {
  let store: CartStore;

  before(async () => {
    store = await startCartStore();
  });
  after(() => store.stop());

  const open = (meta = {}, currency = "GBP") =>
    store.call("carts.create", { currency }, { meta: { ...meta } });
  const add = (id: string, sku: string, quantity: number, meta: object) =>
    store.call("carts.addLine", { id, sku, quantity }, { meta: { ...meta } });

  const orderOf = (cartId: string, token: string) => ({
    cartId,
    email: "ada@example.com",
    shippingAddress: anAddress,
    shippingMethod: "standard" as const,
    payment: { provider: "test" as const, token },
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
    const order = orderOf(id, "tok_visa");
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
});
