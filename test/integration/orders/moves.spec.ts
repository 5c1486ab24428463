import { expect } from "chai";
import type { Readable } from "node:stream";
import { eventually } from "../../helpers/eventually.ts";
import { onShelf, startOrderStore, stock, type OrderStore } from "../../helpers/order-store.ts";
import { anOrder, eventTypes, freshKey, place, refusalOf, staff, type Placed } from "../../helpers/shop.ts";

describe("an order's life after it was placed", () => {
  let store: OrderStore;

  before(async () => {
    store = await startOrderStore({ MUG: 1000, TEA: 333 });
    await stock(store, { MUG: 1000, TEA: 1000 });
  });
  after(() => store.stop());

  const placed = (mugs = 2): Promise<Placed> =>
    place(
      store,
      anOrder([
        { sku: "MUG", quantity: mugs },
        { sku: "TEA", quantity: 3 },
      ]),
    );
  const asStaff = () => ({ meta: { ...staff, idempotencyKey: freshKey() } });
  const asHolder = (order: Placed) => ({ meta: { orderSecret: order.secret ?? "" } });
  const shipped = async (): Promise<Placed> => {
    const order = await placed();
    await store.call("orders.ship", { id: order.id, carrier: "Post", trackingNumber: "42" }, asStaff());
    return order;
  };

  it("is packed, shipped and delivered: shipping captures and moves the stock out", async () => {
    const [onHand, reserved] = await onShelf(store, "MUG");
    const order = await placed();
    await store.call("orders.pack", { id: order.id }, asStaff());
    const sent = await store.call(
      "orders.ship",
      { id: order.id, carrier: "Post", trackingNumber: "42" },
      asStaff(),
    );
    expect(sent.payment.status).to.equal("captured");
    expect(sent.payment.captured).to.deep.equal(order.total);
    expect(sent.tracking).to.deep.equal({ carrier: "Post", number: "42" });
    expect(await onShelf(store, "MUG")).to.deep.equal([onHand - 2, reserved]);
    const done = await store.call("orders.deliver", { id: order.id }, asStaff());
    expect(eventTypes(done)).to.deep.equal(["placed", "confirmed", "packed", "shipped", "delivered"]);
    expect(done.events.map((event) => event.version)).to.deep.equal([1, 2, 3, 4, 5]);
  });

  it("answers a move again whose answer was lost, when If-Match names the version it was made from", async () => {
    const order = await placed();
    const parcel = { carrier: "Post", trackingNumber: "42" };
    let { version } = order;
    for (const move of ["pack", "ship", "deliver"] as const) {
      const again = () =>
        store.call(
          `orders.${move}`,
          { id: order.id, ...(move === "ship" ? parcel : {}) },
          { meta: { ...staff, ifMatch: version } },
        );
      const first = await again();
      expect(await again()).to.deep.equal(first);
      if (move === "ship") {
        const other = { id: order.id, carrier: "Post", trackingNumber: "43" };
        const refused = store.call("orders.ship", other, { meta: { ...staff, ifMatch: version } });
        expect(await refusalOf(refused)).to.include({ code: 412 });
      }
      version = first.version;
    }
    expect(version).to.equal(order.version + 3);
    expect(await refusalOf(store.call("orders.pack", { id: order.id }, { meta: staff }))).to.include({
      code: 409,
    });
  });

  it("moves only along the chart", async () => {
    const order = await placed();
    expect(await refusalOf(store.call("orders.deliver", { id: order.id }, asStaff()))).to.include({
      type: "ORDER_STATUS_CONFLICT",
      code: 409,
    });
    await store.call("orders.ship", { id: order.id }, asStaff());
    expect(await refusalOf(store.call("orders.adminCancel", { id: order.id }, asStaff()))).to.include({
      type: "ORDER_STATUS_CONFLICT",
    });
    expect(await refusalOf(store.call("orders.pack", { id: order.id }, asStaff()))).to.include({
      type: "ORDER_STATUS_CONFLICT",
    });
  });

  it("refuses a change of a version that has moved on with 412", async () => {
    const order = await placed();
    const meta = { ...asStaff().meta, ifMatch: 1 };
    expect(await refusalOf(store.call("orders.pack", { id: order.id }, { meta }))).to.include({
      type: "VERSION_MISMATCH",
      code: 412,
    });
  });

  it("is cancelled by its holder: the payment is let go, the stock is back, a repeat is harmless", async () => {
    const before = await onShelf(store, "TEA");
    const order = await placed();
    const cancelled = await store.call(
      "orders.cancel",
      { id: order.id, reason: "changed my mind" },
      asHolder(order),
    );
    expect(cancelled.status).to.equal("cancelled");
    expect(store.payments.get(order.id)?.status).to.equal("voided");
    expect(await onShelf(store, "TEA")).to.deep.equal(before);
    const again = await store.call("orders.cancel", { id: order.id }, asHolder(order));
    expect(again.version).to.equal(cancelled.version);
  });

  it("ends fifty cancels and ships at once in one of the two, never both", async () => {
    const order = await placed();
    const both = Array.from({ length: 50 }, (_, i) =>
      i % 2 === 0
        ? store.call("orders.ship", { id: order.id }, asStaff())
        : store.call("orders.cancel", { id: order.id }, asHolder(order)),
    );
    await Promise.allSettled(both);
    const end = await store.call("orders.adminGet", { id: order.id });
    expect(end.status).to.be.oneOf(["shipped", "cancelled"]);
    expect(end.payment.status).to.equal(end.status === "shipped" ? "captured" : "voided");
    expect(eventTypes(end).filter((type) => type === "shipped" || type === "cancelled")).to.have.length(1);
  });

  it("never gives back more than was captured, whatever fifty refunds at once ask", async () => {
    const order = await shipped();
    const half = { amount: Math.ceil(order.total.amount / 3), currency: "GBP" };
    const asked = Array.from({ length: 50 }, () =>
      store.call("orders.refund", { id: order.id, amount: half, reason: "sorry" }, asStaff()),
    );
    const done = (await Promise.allSettled(asked)).filter((one) => one.status === "fulfilled");
    const end = await store.call("orders.adminGet", { id: order.id });
    expect(done).to.have.length(Math.floor(order.total.amount / half.amount));
    expect(end.payment.refunded.amount).to.equal(done.length * half.amount);
    expect(store.payments.get(order.id)?.refunded.amount).to.equal(end.payment.refunded.amount);
  });

  it("counts a refund's key once, and answers it again", async () => {
    const order = await shipped();
    const options = asStaff();
    const body = { id: order.id, amount: { amount: 100, currency: "GBP" }, reason: "late" };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => store.call("orders.refund", body, { meta: { ...options.meta } })),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).to.equal(1);
    expect((await store.call("orders.adminGet", { id: order.id })).payment.refunded.amount).to.equal(100);
  });

  it("takes lines back: requested, approved, received with restock and refund, returned once all are back", async () => {
    const order = await shipped();
    const [onHand] = await onShelf(store, "MUG");
    const back = (lines: { sku: string; quantity: number }[]) =>
      store.call("orders.requestReturn", { id: order.id, lines, reason: "too blue" }, asHolder(order));
    const first = await back([{ sku: "MUG", quantity: 1 }]);
    expect(await refusalOf(back([{ sku: "MUG", quantity: 2 }]))).to.include({
      type: "RETURN_EXCEEDS_ORDER",
      code: 422,
    });
    await store.call("orders.approveReturn", { id: first.id }, asStaff());
    const received = await store.call("orders.receiveReturn", { id: first.id }, asStaff());
    expect(received.status).to.equal("received");
    expect(await onShelf(store, "MUG")).to.have.property("0", onHand + 1);
    const partly = await store.call("orders.adminGet", { id: order.id });
    expect(partly.status).to.equal("shipped");
    expect(partly.lines[0]).to.deep.include({ returned: 1, refunded: { amount: 1000, currency: "GBP" } });
    const rest = await back([
      { sku: "MUG", quantity: 1 },
      { sku: "TEA", quantity: 3 },
    ]);
    await store.call("orders.approveReturn", { id: rest.id }, asStaff());
    await store.call("orders.receiveReturn", { id: rest.id }, asStaff());
    const end = await store.call("orders.adminGet", { id: order.id });
    expect(end.status).to.equal("returned");
    expect(end.payment.refunded).to.deep.equal(order.subtotal);
    expect(end.returns.map((one) => one.status)).to.deep.equal(["received", "received"]);
  });

  it("refuses a return, and asks nothing back of an order that was not shipped", async () => {
    const order = await placed();
    const ask = () =>
      store.call(
        "orders.requestReturn",
        { id: order.id, lines: [{ sku: "MUG", quantity: 1 }], reason: "" },
        asHolder(order),
      );
    expect(await refusalOf(ask())).to.include({ type: "ORDER_STATUS_CONFLICT" });
    await store.call("orders.ship", { id: order.id }, asStaff());
    const asked = await ask();
    const refused = await store.call("orders.refuseReturn", { id: asked.id, reason: "worn" }, asStaff());
    expect(refused.status).to.equal("refused");
    expect(await refusalOf(store.call("orders.receiveReturn", { id: asked.id }, asStaff()))).to.include({
      type: "RETURN_STATUS_CONFLICT",
    });
  });

  it("shows each change to a live reader", async () => {
    const order = await placed();
    const stream = (await store.call("orders.stream", { id: order.id }, asHolder(order))) as Readable;
    let text = "";
    stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
    await store.call("orders.ship", { id: order.id }, asStaff());
    await eventually(() => text.includes('"status":"shipped"'));
    stream.destroy();
    expect(text.match(/^event: order$/gm)?.length).to.be.at.least(2);
  });

  it("lists orders by filter and page, without gap or repeat", async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.call("orders.list", {
        limit: 3,
        status: "shipped",
        sort: "-total",
        ...(cursor === undefined ? {} : { cursor }),
      });
      seen.push(...page.data.map((one) => one.id));
      cursor = page.page.next ?? undefined;
    } while (cursor !== undefined);
    const all = await store.call("orders.list", { limit: 100, status: "shipped" });
    expect(new Set(seen).size).to.equal(seen.length);
    expect([...seen].sort()).to.deep.equal(all.data.map((one) => one.id).sort());
  });
});
