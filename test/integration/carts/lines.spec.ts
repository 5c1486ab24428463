import { expect } from "chai";
import { Context, type CallingOptions } from "moleculer";
import type { Meta } from "../../../contract/meta.ts";
import type { Cart } from "../../../services/carts/carts.contract.ts";
import { freshKey, refusalOf } from "../../helpers/shop.ts";
import { aGuestCart, startCartStore, type CartStore } from "./cart-store.ts";

describe("carts: lines", () => {
  let store: CartStore;

  before(async () => {
    store = await startCartStore();
  });
  after(() => store.stop());

  it("opens an empty cart with a secret for a guest", async () => {
    const { cart } = await aGuestCart(store);
    expect(cart).to.deep.include({ status: "open", currency: "GBP", lines: [], version: 1, shipping: null });
    expect(cart.secret).to.have.length(43);
    expect(cart.total).to.deep.equal({ amount: 0, currency: "GBP" });
  });

  it("sums units of one SKU at the catalogue's price and grows the version", async () => {
    const { id, meta } = await aGuestCart(store);
    await store.call("carts.addLine", { id, sku: "MUG", quantity: 2 }, { meta });
    const cart = await store.call("carts.addLine", { id, sku: "MUG", quantity: 3 }, { meta });
    expect(cart.lines).to.have.length(1);
    expect(cart.lines[0]).to.deep.include({
      sku: "MUG",
      quantity: 5,
      available: 100,
      total: { amount: 6250, currency: "GBP" },
    });
    expect(cart.subtotal.amount).to.equal(6250);
    expect(cart.version).to.equal(3);
  });

  it("loses none of 50 changes of one cart at once", async () => {
    const { id, meta } = await aGuestCart(store);
    await Promise.all(
      Array.from({ length: 50 }, () =>
        store.call("carts.addLine", { id, sku: "TEA", quantity: 1 }, { meta }),
      ),
    );
    const cart = await store.call("carts.get", { id }, { meta });
    expect(cart.lines[0]?.quantity).to.equal(50);
    expect(cart.version).to.equal(51);
  });

  it("adds once for 20 equal requests with one key, and answers them all alike", async () => {
    const { id, meta } = await aGuestCart(store);
    const keyed = { ...meta, idempotencyKey: freshKey() };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        store.call("carts.addLine", { id, sku: "MUG", quantity: 2 }, { meta: { ...keyed } }),
      ),
    );
    expect(answers[0]?.lines[0]?.quantity).to.equal(2);
    for (const answer of answers) expect(answer).to.deep.equal(answers[0]);
    await store.call("carts.removeLine", { id, sku: "MUG" }, { meta });
    const late = await store.call("carts.addLine", { id, sku: "MUG", quantity: 2 }, { meta: keyed });
    expect(late).to.deep.equal(answers[0]);
    const other = store.call("carts.addLine", { id, sku: "MUG", quantity: 3 }, { meta: keyed });
    expect(await refusalOf(other)).to.include({ type: "IDEMPOTENCY_KEY_REUSED", code: 422 });
  });

  it("adds once for a call that is sent again without a key, also after other changes, and to a cart of one version", async () => {
    const { id, meta } = await aGuestCart(store);
    /** A call that is made as often as it is run, as when its first answer was lost. */
    const call = (quantity: number, more: Meta = {}) => {
      const params = { id, sku: "TEA", quantity };
      const ctx = Context.create(store.broker, undefined as never, params, { meta: { ...meta, ...more } });
      return () => store.broker.call<Cart, typeof params>("carts.addLine", params, { ctx } as CallingOptions);
    };
    const [first, second] = [call(2), call(3)];
    await first();
    await second();
    for (let n = 0; n < 60; n++) await call(1)();
    await Promise.all([first(), second(), first()]);
    const cart = await first();
    expect(cart.lines.map(({ quantity }) => quantity)).to.deep.equal([65]);
    expect(cart.version).to.equal(63);
    const third = call(1, { ifMatch: cart.version });
    expect((await third()).version).to.equal(64);
    expect((await third()).version).to.equal(64);
  });

  it("answers a repeated key as before, though the cart is past the version that it names", async () => {
    const { id, cart, meta } = await aGuestCart(store);
    const keyed = { ...meta, idempotencyKey: freshKey(), ifMatch: cart.version };
    const add = () => store.call("carts.addLine", { id, sku: "MUG", quantity: 1 }, { meta: { ...keyed } });
    expect(await add()).to.deep.equal(await add());
    const anew = { ...keyed, idempotencyKey: freshKey() };
    const late = store.call("carts.addLine", { id, sku: "MUG", quantity: 1 }, { meta: anew });
    expect(await refusalOf(late)).to.include({ type: "VERSION_MISMATCH", code: 412 });
  });

  it("refuses more than is available, naming what is left", async () => {
    const { id, meta } = await aGuestCart(store);
    await store.call("carts.addLine", { id, sku: "RARE", quantity: 2 }, { meta });
    const refusal = await refusalOf(store.call("carts.addLine", { id, sku: "RARE", quantity: 2 }, { meta }));
    expect(refusal).to.include({ type: "OUT_OF_STOCK", code: 409 });
    expect(refusal.data?.["items"]).to.deep.equal([{ sku: "RARE", requested: 4, available: 3 }]);
    const set = store.call("carts.setLine", { id, sku: "RARE", quantity: 4 }, { meta });
    expect(await refusalOf(set)).to.include({ type: "OUT_OF_STOCK" });
  });

  it("refuses an unknown SKU with 422 and a pointer, and more than 100,000 units", async () => {
    const { id, meta } = await aGuestCart(store);
    const unknown = await refusalOf(store.call("carts.addLine", { id, sku: "mug", quantity: 1 }, { meta }));
    expect(unknown).to.include({ type: "SKU_NOT_FOUND", code: 422 });
    expect(unknown.data?.["errors"]).to.have.nested.property("[0].pointer", "/sku");
    await store.call("carts.addLine", { id, sku: "TEA", quantity: 100_000 }, { meta });
    const many = await refusalOf(store.call("carts.addLine", { id, sku: "TEA", quantity: 1 }, { meta }));
    expect(many).to.include({ type: "VALIDATION_ERROR", code: 422 });
  });

  it("sets and removes lines; removing twice is harmless", async () => {
    const { id, meta } = await aGuestCart(store);
    await store.call("carts.addLine", { id, sku: "MUG", quantity: 1 }, { meta });
    const set = await store.call("carts.setLine", { id, sku: "MUG", quantity: 7 }, { meta });
    expect(set.lines[0]?.quantity).to.equal(7);
    const missing = store.call("carts.setLine", { id, sku: "TEA", quantity: 1 }, { meta });
    expect(await refusalOf(missing)).to.include({ type: "LINE_NOT_FOUND", code: 404 });
    const removed = await store.call("carts.removeLine", { id, sku: "MUG" }, { meta });
    const again = await store.call("carts.removeLine", { id, sku: "MUG" }, { meta });
    expect(removed.lines).to.deep.equal([]);
    expect(again.version).to.equal(removed.version);
  });

  it("refuses a change of a version that the cart has left", async () => {
    const { id, meta } = await aGuestCart(store);
    await store.call("carts.addLine", { id, sku: "MUG", quantity: 1 }, { meta: { ...meta, ifMatch: 1 } });
    const stale = store.call(
      "carts.addLine",
      { id, sku: "MUG", quantity: 1 },
      { meta: { ...meta, ifMatch: 1 } },
    );
    expect(await refusalOf(stale)).to.include({ type: "VERSION_MISMATCH", code: 412 });
  });

  it("shows today's price and stock, and keeps a line that is no longer sold with nothing available", async () => {
    const { id, meta } = await aGuestCart(store);
    store.prices["GONE"] = 700;
    store.shelf["GONE"] = 5;
    await store.call("carts.addLine", { id, sku: "GONE", quantity: 1 }, { meta });
    store.prices["GONE"] = 800;
    store.shelf["GONE"] = 2;
    const dearer = await store.call("carts.get", { id }, { meta });
    expect(dearer.lines[0]).to.deep.include({ available: 2, unitPrice: { amount: 800, currency: "GBP" } });
    delete store.prices["GONE"];
    const gone = await store.call("carts.get", { id }, { meta });
    expect(gone.lines[0]).to.deep.include({
      name: "Thing GONE",
      available: 0,
      unitPrice: { amount: 700, currency: "GBP" },
    });
  });

  it("answers a wrong secret exactly as a missing cart", async () => {
    const { id, meta } = await aGuestCart(store);
    const other = await aGuestCart(store);
    const missing = "0198c0de-0000-7000-8000-00000000dead";
    const refusals = await Promise.all(
      [
        store.call("carts.get", { id }),
        store.call("carts.get", { id }, { meta: other.meta }),
        store.call("carts.get", { id: missing }, { meta }),
        store.call("carts.addLine", { id, sku: "MUG", quantity: 1 }, { meta: other.meta }),
        store.call("carts.checkout", { id }, { meta: other.meta }),
      ].map(refusalOf),
    );
    for (const refusal of refusals) {
      expect(refusal).to.include({ type: "CART_NOT_FOUND", code: 404 });
      expect(refusal.data).to.deep.equal(refusals[2]?.data);
    }
  });
});
