import { expect } from "chai";
import { startOrderStore, stock, type OrderStore } from "../../helpers/order-store.ts";
import { anAddress, anOrder, freshKey, place, refusalOf, staff, type Placed } from "../../helpers/shop.ts";

describe("money that goes back for lines", () => {
  let store: OrderStore;

  before(async () => {
    store = await startOrderStore({ MUG: 1000, TEA: 333 });
    await stock(store, { MUG: 1000, TEA: 1000 });
  });
  after(() => store.stop());

  const asStaff = () => ({ meta: { ...staff, idempotencyKey: freshKey() } });
  const gbp = (amount: number) => ({ amount, currency: "GBP" });
  const shipped = async (): Promise<Placed> => {
    const order = await place(
      store,
      anOrder([
        { sku: "MUG", quantity: 2 },
        { sku: "TEA", quantity: 30 },
      ]),
    );
    await store.call("orders.ship", { id: order.id }, asStaff());
    return order;
  };
  const refund = (id: string, amount: number, lines: { sku: string; amount: ReturnType<typeof gbp> }[]) =>
    store.call("orders.refund", { id, amount: gbp(amount), reason: "sorry", lines }, asStaff());

  it("gives nothing back for a line again that staff refunded before", async () => {
    const order = await shipped();
    await refund(order.id, 1500, [{ sku: "MUG", amount: gbp(1500) }]);
    const meta = { orderSecret: order.secret ?? "" };
    const lines = [{ sku: "MUG", quantity: 2 }];
    const asked = await store.call("orders.requestReturn", { id: order.id, lines, reason: "" }, { meta });
    await store.call("orders.approveReturn", { id: asked.id }, asStaff());
    await store.call("orders.receiveReturn", { id: asked.id }, asStaff());
    const end = await store.call("orders.adminGet", { id: order.id });
    expect(end.lines[0]).to.deep.include({ returned: 2, refunded: gbp(2000) });
    expect(end.payment.refunded.amount).to.equal(2000);
  });

  it("gives the tax of a line back with it where the tax is on top", async () => {
    const lines = [{ sku: "MUG", quantity: 2 }];
    const shippingAddress = { ...anAddress, country: "NO" };
    const order = await place(store, anOrder(lines, { shippingAddress }));
    await store.call("orders.ship", { id: order.id }, asStaff());
    const meta = { orderSecret: order.secret ?? "" };
    const asked = await store.call("orders.requestReturn", { id: order.id, lines, reason: "" }, { meta });
    await store.call("orders.approveReturn", { id: asked.id }, asStaff());
    await store.call("orders.receiveReturn", { id: asked.id }, asStaff());
    const end = await store.call("orders.adminGet", { id: order.id });
    expect(end.lines[0]?.refunded).to.deep.equal(gbp(2500));
    expect(end.payment.refunded).to.deep.equal(gbp(2500));
  });

  it("refuses lines of another currency, and lines that make more than the refund", async () => {
    const order = await shipped();
    expect(
      await refusalOf(refund(order.id, 100, [{ sku: "MUG", amount: { amount: 100, currency: "USD" } }])),
    ).to.include({ code: 422 });
    expect(await refusalOf(refund(order.id, 100, [{ sku: "MUG", amount: gbp(101) }]))).to.include({
      code: 422,
    });
    expect((await store.call("orders.adminGet", { id: order.id })).lines[0]?.refunded).to.deep.equal(gbp(0));
  });

  it("refuses a leap second with 422", async () => {
    const validUntil = "2026-12-31T23:59:60Z";
    const coupon = { code: "LEAP", kind: "percent" as const, value: 5, validUntil };
    expect(await refusalOf(store.call("orders.createCoupon", coupon, asStaff()))).to.include({ code: 422 });
    expect(await refusalOf(store.call("orders.list", { from: validUntil }))).to.include({ code: 422 });
  });

  it("lists by time whatever the form of the time", async () => {
    const order = await shipped();
    const second = `${order.placedAt.slice(0, 19)}Z`;
    const there = new Date(Date.parse(second) + 3_600_000).toISOString().replace(/\.\d+Z$/, "+01:00");
    for (const from of [second, there]) {
      const { data } = await store.call("orders.list", { from, limit: 100 });
      expect(data.map((one) => one.id)).to.include(order.id);
    }
  });
});
