import { expect } from "chai";
import { aCustomer, refusalOf } from "../../helpers/shop.ts";
import { aGuestCart, startCartStore, type CartStore } from "./cart-store.ts";

describe("carts: a guest's cart and the account's", () => {
  let store: CartStore;

  before(async () => {
    store = await startCartStore();
  });
  after(() => store.stop());

  const open = (meta = {}, currency = "GBP") =>
    store.call("carts.create", { currency }, { meta: { ...meta } });
  const add = (id: string, sku: string, quantity: number, meta: object) =>
    store.call("carts.addLine", { id, sku, quantity }, { meta: { ...meta } });

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
});
