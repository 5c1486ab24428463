import { expect } from "chai";
import { Context, type CallingOptions } from "moleculer";
import type { CartsActor } from "../../../services/carts/carts.actor.ts";
import type { Cart } from "../../../services/carts/carts.contract.ts";
import type { CartState } from "../../../services/carts/carts.model.ts";
import { aCustomer, refusalOf } from "../../helpers/shop.ts";
import { aGuestCart, readsOf, startCartStore, type CartStore } from "./cart-store.ts";

describe("carts: a cart that another node changed since this one saw it", () => {
  let store: CartStore;
  let node: CartsActor;

  before(async () => {
    store = await startCartStore();
    node = store.broker.getLocalService("carts") as unknown as CartsActor;
  });
  after(() => store.stop());

  /** Changes the cart as another node would: this one still knows it as it was before. */
  async function elsewhere(id: string, work: () => Promise<unknown>): Promise<void> {
    const seen = node.seen.get(id, 0) as CartState;
    await work();
    node.seen.set(id, seen, Infinity);
  }
  const holding = async () => {
    const { id, meta } = await aGuestCart(store);
    const add = (sku: string, quantity: number) =>
      store.call("carts.addLine", { id, sku, quantity }, { meta });
    const set = (sku: string, quantity: number) =>
      store.call("carts.setLine", { id, sku, quantity }, { meta });
    await add("MUG", 1);
    return { id, meta, add, set };
  };

  it("is added to with its other lines, each at its price", async () => {
    const { id, add } = await holding();
    await elsewhere(id, () => add("TEA", 2));
    const cart = await add("RARE", 1);
    expect(cart.lines.map(({ sku, quantity }) => [sku, quantity])).to.deep.equal([
      ["MUG", 1],
      ["TEA", 2],
      ["RARE", 1],
    ]);
    expect(cart.total.amount).to.equal(1250 + 2 * 499 + 9900);
    expect(cart.lines[1]?.available).to.equal(1_000_000);
  });

  it("is added to in the currency that it has by now", async () => {
    const { id, meta, add } = await holding();
    await elsewhere(id, () => store.call("carts.setCurrency", { id, currency: "EUR" }, { meta }));
    expect((await add("TEA", 1)).total).to.deep.equal({ amount: 1749, currency: "EUR" });
  });

  it("has a line set that is new, and counts its units in stock", async () => {
    const { id, add, set } = await holding();
    await elsewhere(id, () => add("RARE", 1));
    expect((await set("RARE", 3)).lines[1]?.quantity).to.equal(3);
    await elsewhere(id, () => set("RARE", 1));
    expect(await refusalOf(set("RARE", 4))).to.include({ type: "OUT_OF_STOCK" });
  });

  it("keeps the price of a set line in the currency that it has by now", async () => {
    const { id, meta, set } = await holding();
    await elsewhere(id, () => store.call("carts.setCurrency", { id, currency: "EUR" }, { meta }));
    store.soldIn["MUG"] = ["GBP"];
    store.prices["MUG"] = 1;
    const cart = await set("MUG", 2);
    Object.assign(store.prices, { MUG: 1250 });
    delete store.soldIn["MUG"];
    expect(cart.lines[0]?.unitPrice).to.deep.equal({ amount: 1250, currency: "EUR" });
  });

  it("is changed by nobody without its secret", async () => {
    const guest = await holding();
    const stranger = store.call("carts.addLine", { id: guest.id, sku: "TEA", quantity: 1 }, { meta: {} });
    expect(await refusalOf(stranger)).to.include({ type: "CART_NOT_FOUND", code: 404 });
  });

  it("refuses a change once it is closed, or for a version that it has left", async () => {
    const { id, meta, add } = await holding();
    await elsewhere(id, () => add("MUG", 1));
    const old = store.call(
      "carts.addLine",
      { id, sku: "TEA", quantity: 1 },
      { meta: { ...meta, ifMatch: 2 } },
    );
    expect(await refusalOf(old)).to.include({ type: "VERSION_MISMATCH" });
    const customer = { ...meta, ...aCustomer() };
    await elsewhere(id, () => store.call("carts.merge", { id }, { meta: customer }));
    expect(await refusalOf(add("TEA", 1))).to.include({ type: "CART_CLOSED" });
  });

  it("answers a call that is sent again as the cart is by now", async () => {
    const { id, meta, add } = await holding();
    const params = { id, sku: "TEA", quantity: 1 };
    const ctx = Context.create(store.broker, undefined as never, params, { meta });
    const call = () =>
      store.broker.call<Cart, typeof params>("carts.addLine", params, { ctx } as CallingOptions);
    await call();
    await elsewhere(id, () => add("MUG", 1));
    expect((await call()).lines.map(({ quantity }) => quantity)).to.deep.equal([2, 1]);
  });

  it("is asked for once when it is still as it was seen, though the change is refused", async () => {
    const { add } = await holding();
    let asked = 0;
    const count = () => {
      asked += 1;
      store.meanwhile.run = count;
      return Promise.resolve();
    };
    store.meanwhile.run = count;
    expect(await refusalOf(add("RARE", 4))).to.include({ type: "OUT_OF_STOCK" });
    store.meanwhile.run = undefined;
    expect(asked).to.equal(1);
  });

  it("needs no read here, when it was changed here last", async () => {
    const { add } = await holding();
    expect(await readsOf(node, () => add("TEA", 1))).to.equal(0);
  });
});
