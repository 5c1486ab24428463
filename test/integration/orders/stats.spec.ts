import { expect } from "chai";
import { sql } from "../../../mixins/sql.ts";
import type { OrdersActor } from "../../../services/orders/orders.actor.ts";
import { foldStats } from "../../../services/orders/orders.stats.ts";
import { eventually } from "../../helpers/eventually.ts";
import { startOrderStore, stock, type OrderStore } from "../../helpers/order-store.ts";
import { anOrder, freshKey, place, staff, type Placed } from "../../helpers/shop.ts";

describe("the figures of a day", () => {
  let store: OrderStore;

  before(async () => {
    store = await startOrderStore({ MUG: 1000 });
    await stock(store, { MUG: 100 });
  });
  after(() => store.stop());

  const actor = () => store.broker.getLocalService("orders") as unknown as OrdersActor;
  const asStaff = () => ({ meta: { ...staff, idempotencyKey: freshKey() } });
  const shipped = async (): Promise<Placed> => {
    const order = await place(store, anOrder([{ sku: "MUG", quantity: 2 }]));
    await store.call("orders.ship", { id: order.id, carrier: "Post", trackingNumber: "42" }, asStaff());
    return order;
  };

  it("adds confirmed orders and refunds to the figures of their day", async () => {
    await shipped();
    await foldStats(actor());
    const before = await eventually(async () =>
      (await store.call("orders.stats", { days: 1 })).days.find((day) => day.currency === "GBP"),
    );
    const order = await shipped();
    await store.call(
      "orders.refund",
      { id: order.id, amount: { amount: 50, currency: "GBP" }, reason: "late" },
      asStaff(),
    );
    await eventually(async () => {
      const day = (await store.call("orders.stats", { days: 1 })).days.find((one) => one.currency === "GBP");
      return (
        day &&
        day.orders === before.orders + 1 &&
        day.revenue === before.revenue + order.total.amount &&
        day.refunds === before.refunds + 50
      );
    });
  });

  it("adds all that waits, however many transactions that takes", async () => {
    const order = await shipped();
    await foldStats(actor());
    const refunds = async () => (await store.call("orders.stats", { days: 1 })).days[0]?.refunds ?? 0;
    const before = await refunds();
    const count = 1000;
    await actor().store.write((tx) =>
      tx.run(sql`
        insert into order_events (order_id, version, type, at, data, folded)
        select order_id, version + 1000 + value, 'refunded', at, '{"amount":{"amount":1}}', 0
        from order_events, json_each(${JSON.stringify(Array.from({ length: count }, (_, n) => n))})
        where order_id = ${order.id} and version = 1`),
    );
    await foldStats(actor());
    expect(await refunds()).to.equal(before + count);
  });
});
