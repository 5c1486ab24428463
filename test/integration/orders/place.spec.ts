import { expect } from "chai";
import { eventually } from "../../helpers/eventually.ts";
import { onShelf, startOrderStore, stock, type OrderStore } from "../../helpers/order-store.ts";
import { aCustomer, anAddress, anOrder, eventTypes, freshKey, place, refusalOf } from "../../helpers/shop.ts";

describe("orders.place", () => {
  let store: OrderStore;

  before(async () => {
    store = await startOrderStore({ MUG: 1250, TEA: 499, FREE: 0, RARE: 9900, LAST: 100 });
    await stock(store, { MUG: 1000, TEA: 1000, FREE: 10, RARE: 20, LAST: 1 });
  });
  after(() => store.stop());

  it("confirms an order of catalogue prices, holds its stock and answers with its sums", async () => {
    const order = await place(
      store,
      anOrder([
        { sku: "MUG", quantity: 2 },
        { sku: "TEA", quantity: 3 },
      ]),
    );
    expect(order.status).to.equal("confirmed");
    expect(order.subtotal).to.deep.equal({ amount: 2 * 1250 + 3 * 499, currency: "GBP" });
    expect(order.total.amount).to.equal(
      order.subtotal.amount + order.shipping.amount + order.tax.amount - order.discount.amount,
    );
    expect(order.includedTax.amount).to.equal(Math.round((order.total.amount * 2000) / 12000));
    expect(eventTypes(order)).to.deep.equal(["placed", "confirmed"]);
    expect(order.payment.status).to.equal("authorized");
    expect(order.secret).to.be.a("string").with.length(43);
    expect(await onShelf(store, "MUG")).to.deep.equal([1000, 2]);
  });

  it("sums lines of one SKU and tells SKUs apart by case", async () => {
    const order = await place(
      store,
      anOrder([
        { sku: "MUG", quantity: 1 },
        { sku: "TEA", quantity: 1 },
        { sku: "MUG", quantity: 4 },
      ]),
    );
    expect(order.lines.map((line) => [line.sku, line.quantity])).to.deep.equal([
      ["MUG", 5],
      ["TEA", 1],
    ]);
    const refusal = await refusalOf(place(store, anOrder([{ sku: "mug", quantity: 1 }])));
    expect(refusal).to.include({ type: "SKU_NOT_FOUND", code: 422 });
    expect(refusal.data?.["errors"]).to.have.nested.property("[0].pointer", "/lines/0/sku");
  });

  it("answers the same key with the same order, and refuses it with another body", async () => {
    const meta = { idempotencyKey: freshKey() };
    const body = anOrder([{ sku: "MUG", quantity: 1 }]);
    const first = await store.call("orders.place", body, { meta });
    const again = await store.call("orders.place", body, { meta });
    expect(again).to.deep.equal(first);
    const other = store.call("orders.place", anOrder([{ sku: "MUG", quantity: 2 }]), { meta });
    expect(await refusalOf(other)).to.include({ type: "IDEMPOTENCY_KEY_REUSED", code: 422 });
  });

  it("makes one order of fifty requests with one key at once, and gives all of them one answer", async () => {
    const before = store.charges;
    const meta = { idempotencyKey: freshKey() };
    const body = anOrder([{ sku: "TEA", quantity: 1 }]);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => store.call("orders.place", body, { meta: { ...meta } })),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).to.equal(1);
    expect(store.charges - before).to.equal(1);
  });

  it("sells exactly the 20 pieces that are left to 50 shoppers at once", async () => {
    const orders = await Promise.allSettled(
      Array.from({ length: 50 }, () => place(store, anOrder([{ sku: "RARE", quantity: 1 }]))),
    );
    expect(orders.filter((order) => order.status === "fulfilled")).to.have.length(20);
    expect(await onShelf(store, "RARE")).to.deep.equal([20, 20]);
  });

  it("names each short SKU and what is left, keeps the answer for the key, and holds nothing", async () => {
    const meta = { idempotencyKey: freshKey() };
    const body = anOrder([
      { sku: "LAST", quantity: 3 },
      { sku: "TEA", quantity: 1 },
    ]);
    const [, teaBefore] = await onShelf(store, "TEA");
    const first = await refusalOf(store.call("orders.place", body, { meta }));
    expect(first).to.include({ type: "OUT_OF_STOCK", code: 409 });
    expect(first.data?.["items"]).to.deep.equal([{ sku: "LAST", requested: 3, available: 1 }]);
    const again = await refusalOf(store.call("orders.place", body, { meta }));
    expect(again.data).to.deep.equal(first.data);
    expect(await onShelf(store, "TEA")).to.have.property("1", teaBefore);
  });

  it("gives the stock back when the payment is declined", async () => {
    const [, before] = await onShelf(store, "MUG");
    const body = anOrder([{ sku: "MUG", quantity: 7 }], {
      payment: { provider: "test", token: "tok_declined" },
    });
    expect(await refusalOf(place(store, body))).to.include({ type: "PAYMENT_DECLINED", code: 402 });
    expect(await onShelf(store, "MUG")).to.have.property("1", before);
  });

  it("waits for a payment that needs the shopper, and confirms once it is authorized", async () => {
    const order = await place(
      store,
      anOrder([{ sku: "MUG", quantity: 1 }], { payment: { provider: "test", token: "tok_3ds" } }),
    );
    expect(order.status).to.equal("pending");
    expect(order.payment.nextAction).to.deep.equal({ type: "redirect", url: "https://pay.example/3ds" });
    const payment = store.payments.get(order.id);
    if (!payment) throw new Error("no payment");
    const authorized = { ...payment, status: "authorized" as const };
    store.payments.set(order.id, authorized);
    const event = {
      id: store.dataDir,
      type: "payments.decided",
      entity: order.id,
      version: 2,
      at: new Date().toISOString(),
      payload: { payment: authorized },
    };
    await store.call("orders.receive", { from: "payments", events: [event] });
    const meta = { orderSecret: order.secret ?? "" };
    await eventually(
      async () => (await store.call("orders.get", { id: order.id }, { meta })).status === "confirmed",
    );
  });

  it("expires an order whose payment is not finished within half an hour, and frees its stock", async () => {
    const [, before] = await onShelf(store, "MUG");
    const order = await place(
      store,
      anOrder([{ sku: "MUG", quantity: 2 }], { payment: { provider: "test", token: "tok_3ds" } }),
    );
    store.clock.advance(31 * 60_000);
    const meta = { orderSecret: order.secret ?? "" };
    await eventually(
      async () => (await store.call("orders.get", { id: order.id }, { meta })).status === "expired",
    );
    expect(await onShelf(store, "MUG")).to.have.property("1", before);
    expect(store.payments.get(order.id)?.status).to.equal("voided");
  });

  it("asks for a key, and for a long one from a guest without a cart", async () => {
    const body = anOrder([{ sku: "MUG", quantity: 1 }]);
    expect(await refusalOf(store.call("orders.place", body))).to.include({
      type: "IDEMPOTENCY_KEY_REQUIRED",
      code: 400,
    });
    expect(await refusalOf(place(store, body, { idempotencyKey: "short" }))).to.include({
      type: "IDEMPOTENCY_KEY_TOO_SHORT",
      code: 400,
    });
    const order = await place(store, body, { ...aCustomer(), idempotencyKey: "short" });
    expect(order.customerId).to.equal(aCustomer().caller?.id);
    expect(order).to.not.have.property("secret");
  });

  it("refuses a country that does not exist, and ships to the others", async () => {
    const to = (country: string) =>
      anOrder([{ sku: "TEA", quantity: 1 }], { shippingAddress: { ...anAddress, country } });
    expect(await refusalOf(place(store, to("ZZ")))).to.include({ type: "COUNTRY_NOT_SERVED", code: 422 });
    const order = await place(store, to("CA"));
    expect(order.tax.amount).to.equal(Math.round((order.subtotal.amount + order.shipping.amount) * 0.05));
    expect(order.total.amount).to.equal(order.subtotal.amount + order.shipping.amount + order.tax.amount);
  });

  it("shows an order to its holder only", async () => {
    const order = await place(store, anOrder([{ sku: "TEA", quantity: 1 }]));
    expect(await refusalOf(store.call("orders.get", { id: order.id }))).to.include({
      type: "ORDER_NOT_FOUND",
      code: 404,
    });
    expect(
      await refusalOf(
        store.call("orders.get", { id: order.id }, { meta: { ...aCustomer(), orderSecret: "x".repeat(43) } }),
      ),
    ).to.include({ code: 404 });
    const shown = await store.call(
      "orders.get",
      { id: order.id },
      { meta: { orderSecret: order.secret ?? "" } },
    );
    expect(shown.id).to.equal(order.id);
  });
});
