import { expect } from "chai";
import type { Meta } from "../../../contract/meta.ts";
import { aCustomer, freshKey, refusalOf } from "../../helpers/shop.ts";
import { aGuestCart, startCartStore, type CartStore } from "./cart-store.ts";

describe("carts: another currency", () => {
  let store: CartStore;

  before(async () => {
    store = await startCartStore();
    store.soldIn["RARE"] = ["GBP"];
  });
  after(() => store.stop());

  const add = (id: string, sku: string, quantity: number, meta: Meta) =>
    store.call("carts.addLine", { id, sku, quantity }, { meta: { ...meta } });
  const change = (id: string, currency: string, meta: Meta) =>
    store.call("carts.setCurrency", { id, currency }, { meta: { ...meta } });

  it("shows every line at its price there, in one change of the cart", async () => {
    const { id, meta } = await aGuestCart(store);
    await add(id, "MUG", 2, meta);
    const before = await add(id, "TEA", 1, meta);
    const { cart, notices } = await change(id, "EUR", meta);
    expect(notices).to.deep.equal([]);
    expect(cart.lines.map(({ sku, quantity }) => [sku, quantity])).to.deep.equal([
      ["MUG", 2],
      ["TEA", 1],
    ]);
    expect(cart).to.deep.include({
      currency: "EUR",
      version: before.version + 1,
      total: { amount: 2999, currency: "EUR" },
    });
    expect(await store.call("carts.get", { id }, { meta: { ...meta } })).to.deep.equal(cart);
  });

  it("leaves out what is not sold in it, and names it", async () => {
    const { id, meta } = await aGuestCart(store);
    await add(id, "RARE", 1, meta);
    await add(id, "MUG", 3, meta);
    const { cart, notices } = await change(id, "USD", meta);
    expect(cart.lines.map(({ sku }) => sku)).to.deep.equal(["MUG"]);
    expect(notices).to.deep.equal([
      {
        sku: "RARE",
        code: "NOT_SOLD_IN_CURRENCY",
        message: "Thing RARE is not sold in USD and was left out.",
      },
    ]);
  });

  it("changes an account's cart as well, and nobody else's", async () => {
    const meta = aCustomer(21);
    const { id } = await store.call("carts.create", { currency: "GBP" }, { meta: { ...meta } });
    await add(id, "TEA", 4, meta);
    expect(await refusalOf(change(id, "EUR", aCustomer(22)))).to.include({ type: "CART_NOT_FOUND" });
    expect(await refusalOf(change(id, "EUR", {}))).to.include({ type: "CART_NOT_FOUND" });
    await change(id, "EUR", meta);
    const mine = await store.call("carts.mine", {}, { meta: { ...meta } });
    expect(mine).to.deep.include({ id, currency: "EUR", total: { amount: 1996, currency: "EUR" } });
  });

  it("answers a repeated key as before, notices included, and changes nothing again", async () => {
    const { id, meta } = await aGuestCart(store);
    await add(id, "RARE", 1, meta);
    const keyed = { ...meta, idempotencyKey: freshKey() };
    const [first, second] = [await change(id, "EUR", keyed), await change(id, "EUR", keyed)];
    expect(first.notices).to.have.length(1);
    expect(second).to.deep.equal(first);
  });

  it("leaves a cart alone that has the currency already", async () => {
    const { id, meta } = await aGuestCart(store);
    const { version } = await add(id, "MUG", 1, meta);
    expect((await change(id, "GBP", meta)).cart.version).to.equal(version);
  });

  it("takes along a line that is added while the prices are looked up", async () => {
    const { id, meta } = await aGuestCart(store);
    await add(id, "MUG", 1, meta);
    store.meanwhile.run = () => add(id, "TEA", 1, meta);
    const { cart, notices } = await change(id, "EUR", meta);
    expect(notices).to.deep.equal([]);
    expect(cart.total).to.deep.equal({ amount: 1749, currency: "EUR" });
  });

  it("adds a line at its price in euros to a cart that changes to them meanwhile", async () => {
    const { id, meta } = await aGuestCart(store);
    await add(id, "MUG", 1, meta);
    store.meanwhile.run = () => change(id, "EUR", meta);
    const cart = await add(id, "TEA", 1, meta);
    expect(cart.lines.map(({ total }) => total)).to.deep.equal([
      { amount: 1250, currency: "EUR" },
      { amount: 499, currency: "EUR" },
    ]);
  });

  it("refuses a currency that does not exist, an old version, and a cart that is closed", async () => {
    const { id, meta } = await aGuestCart(store);
    await add(id, "MUG", 1, meta);
    expect(await refusalOf(change(id, "QQQ", meta))).to.include({ type: "CURRENCY_NOT_OFFERED", code: 422 });
    expect(await refusalOf(change(id, "EUR", { ...meta, ifMatch: 1 }))).to.include({
      type: "VERSION_MISMATCH",
      code: 412,
    });
    const customer = aCustomer(23);
    await store.call("carts.merge", { id }, { meta: { ...customer, ...meta } });
    expect(await refusalOf(change(id, "EUR", meta))).to.include({ type: "CART_CLOSED", code: 409 });
  });
});
