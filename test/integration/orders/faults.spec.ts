import { expect } from "chai";
import { refuse, unavailable } from "../../../contract/errors.ts";
import type { OrdersActor } from "../../../services/orders/orders.actor.ts";
import { eventually } from "../../helpers/eventually.ts";
import { onShelf, startOrderStore, stock, type OrderStore } from "../../helpers/order-store.ts";
import { anOrder, freshKey, place, refusalOf, staff, type Placed } from "../../helpers/shop.ts";

describe("an order while another actor fails", () => {
  let store: OrderStore;

  before(async () => {
    store = await startOrderStore({ MUG: 1000, TEA: 333 });
    await stock(store, { MUG: 1000, TEA: 1000 });
  });
  after(() => store.stop());

  const asStaff = () => ({ meta: { ...staff, idempotencyKey: freshKey() } });
  const placed = (): Promise<Placed> =>
    place(
      store,
      anOrder([
        { sku: "MUG", quantity: 2 },
        { sku: "TEA", quantity: 3 },
      ]),
    );
  const shipped = async (): Promise<Placed> => {
    const order = await placed();
    await store.call("orders.ship", { id: order.id }, asStaff());
    return order;
  };
  const look = (id: string) => store.call("orders.adminGet", { id });

  /** Runs `work` while no node offers the service. */
  async function without(name: string, work: () => Promise<void>): Promise<void> {
    const service = store.broker.getLocalService(name);
    const { schema } = service as unknown as { schema: Parameters<typeof store.broker.createService>[0] };
    const original = (service as unknown as { originalSchema?: typeof schema }).originalSchema ?? schema;
    await store.broker.destroyService(service);
    try {
      await work();
    } finally {
      store.broker.createService(original);
      await store.broker.waitForServices(name);
    }
  }

  it("rejects no order because payments is away: it is confirmed when payments is back", async () => {
    const meta = { idempotencyKey: freshKey() };
    const body = anOrder([{ sku: "MUG", quantity: 1 }]);
    let first: Promise<Placed> | undefined;
    await without("payments", async () => {
      first = store.call("orders.place", body, { meta });
      first.catch(() => undefined);
      await eventually(
        async () => (await store.call("orders.list", { status: "pending" })).data.length === 1,
      );
      const resumed = store.broker.getLocalService("orders") as unknown as OrdersActor;
      await eventually(() => resumed.running.size === 0);
    });
    expect((await first)?.status).to.equal("confirmed");
    expect((await store.call("orders.place", body, { meta })).status).to.equal("confirmed");
  }).timeout(20_000);

  it("answers the key of a placed order as before while the catalogue is away, and no other", async () => {
    const meta = { idempotencyKey: freshKey() };
    const body = anOrder([{ sku: "MUG", quantity: 1 }]);
    const order = await store.call("orders.place", body, { meta });
    await without("products", async () => {
      const again = await store.call("orders.place", body, { meta });
      expect(again).to.deep.equal(order);
      const other = await refusalOf(place(store, body));
      expect(other.type).to.equal("SERVICE_NOT_AVAILABLE");
    });
  });

  it("keeps cancelling when inventory is away after the payment was let go", async () => {
    const [, before] = await onShelf(store, "MUG");
    const order = await placed();
    await without("inventory", async () => {
      await refusalOf(store.call("orders.adminCancel", { id: order.id }, { meta: staff }));
      expect(store.payments.get(order.id)?.status).to.equal("voided");
    });
    await eventually(async () => (await look(order.id)).status === "cancelled");
    expect(await onShelf(store, "MUG")).to.have.property("1", before);
  }).timeout(40_000);

  it("answers a refused refund's key as before, and counts nothing for it", async () => {
    const order = await shipped();
    store.faults.set("refund", [refuse(409, "REFUND_REFUSED", "The payment provider refused the refund.")]);
    const options = asStaff();
    const body = {
      id: order.id,
      amount: { amount: 100, currency: "GBP" },
      reason: "late",
      lines: [{ sku: "MUG", amount: { amount: 100, currency: "GBP" } }],
    };
    const ask = () => refusalOf(store.call("orders.refund", body, { meta: { ...options.meta } }));
    const first = await ask();
    expect(first).to.include({ type: "REFUND_REFUSED", code: 409 });
    const again = await ask();
    expect(again).to.include({ type: "REFUND_REFUSED", code: 409 });
    expect(again.data).to.deep.equal(first.data);
    const end = await look(order.id);
    expect(end.refunds.map((one) => one.status)).to.deep.equal(["failed"]);
    expect(end.lines[0]?.refunded.amount).to.equal(0);
    await store.call("orders.refund", body, asStaff());
    expect((await look(order.id)).payment.refunded.amount).to.equal(100);
  });

  it("finishes a refund whose answer was lost, once, and answers its key then", async () => {
    const order = await shipped();
    store.faults.set("refund", [unavailable("PAYMENT_PROVIDER_UNAVAILABLE", "Not now.")]);
    const body = { id: order.id, amount: { amount: 100, currency: "GBP" }, reason: "late" };
    const answer = await store.call("orders.refund", body, asStaff());
    expect(answer.payment.refunded.amount).to.equal(100);
    expect((await look(order.id)).refunds.map((one) => one.status)).to.deep.equal(["done"]);
  });

  it("leaves a return approved when its refund is refused, and refunds it once when it is received again", async () => {
    const order = await shipped();
    const lines = [{ sku: "MUG", quantity: 2 }];
    const holder = { meta: { orderSecret: order.secret ?? "" } };
    const asked = await store.call("orders.requestReturn", { id: order.id, lines, reason: "" }, holder);
    await store.call("orders.approveReturn", { id: asked.id }, asStaff());
    const [onHand] = await onShelf(store, "MUG");
    store.faults.set("refund", [refuse(409, "REFUND_REFUSED", "The payment provider refused the refund.")]);
    expect(await refusalOf(store.call("orders.receiveReturn", { id: asked.id }, asStaff()))).to.include({
      type: "REFUND_REFUSED",
    });
    const between = await look(order.id);
    expect(between.refunds.map((one) => one.status)).to.deep.equal(["failed"]);
    expect(between.lines[0]).to.deep.include({ returned: 0, refunded: { amount: 0, currency: "GBP" } });
    await store.call("orders.receiveReturn", { id: asked.id }, asStaff());
    const end = await look(order.id);
    expect(end.lines[0]).to.deep.include({ returned: 2, refunded: { amount: 2000, currency: "GBP" } });
    expect(end.payment.refunded.amount).to.equal(2000);
    expect(await onShelf(store, "MUG")).to.have.property("0", onHand + 2);
  });

  it("refuses no return that is being received", async () => {
    const order = await shipped();
    const lines = [{ sku: "MUG", quantity: 1 }];
    const holder = { meta: { orderSecret: order.secret ?? "" } };
    const asked = await store.call("orders.requestReturn", { id: order.id, lines, reason: "" }, holder);
    await store.call("orders.approveReturn", { id: asked.id }, asStaff());
    store.faults.set("refund", [unavailable("PAYMENT_PROVIDER_UNAVAILABLE", "Not now.")]);
    await refusalOf(store.call("orders.receiveReturn", { id: asked.id }, { meta: staff }));
    expect(await refusalOf(store.call("orders.refuseReturn", { id: asked.id }, asStaff()))).to.include({
      type: "RETURN_STATUS_CONFLICT",
    });
    const end = await look(order.id);
    expect(end.returns.map((one) => one.status)).to.deep.equal(["received"]);
    expect(end.payment.refunded.amount).to.equal(1000);
  });

  it("places again after the order numbers could not be drawn once", async () => {
    const actor = store.broker.getLocalService("orders") as unknown as OrdersActor;
    const { write } = actor.store;
    const { numbers } = actor;
    actor.numbers = { next: 0, end: 0 };
    actor.store.write = () => Promise.reject(unavailable("STORE_UNAVAILABLE", "Not now."));
    try {
      expect(await refusalOf(placed())).to.include({ type: "STORE_UNAVAILABLE" });
    } finally {
      actor.store.write = write;
    }
    expect((await placed()).status).to.equal("confirmed");
    expect(actor.numbers.next).to.be.above(numbers.next);
  });

  it("asks no card a quarter of an hour later, when payments was away until then", async () => {
    const [, before] = await onShelf(store, "MUG");
    const { charges } = store;
    const meta = { idempotencyKey: freshKey() };
    const body = anOrder([{ sku: "MUG", quantity: 1 }]);
    const pending = async () => (await store.call("orders.list", { status: "pending" })).data;
    let id = "";
    await without("payments", async () => {
      store.call("orders.place", body, { meta }).catch(() => undefined);
      id = (await eventually(async () => (await pending())[0])).id;
      const orders = store.broker.getLocalService("orders") as unknown as OrdersActor;
      await eventually(() => orders.running.size === 0);
      store.clock.advance(16 * 60_000);
    });
    await eventually(async () => (await look(id)).status === "expired", 15_000);
    const again = await refusalOf(store.call("orders.place", body, { meta }));
    expect(again).to.include({ type: "PAYMENT_EXPIRED", code: 409 });
    expect(store.charges).to.equal(charges);
    expect(await onShelf(store, "MUG")).to.have.property("1", before);
  }).timeout(40_000);
});
