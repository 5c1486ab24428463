import { expect } from "chai";
import type { Readable } from "node:stream";
import type { Payment } from "../../../services/payments/payments.contract.ts";
import type { OrdersActor } from "../../../services/orders/orders.actor.ts";
import { eventually } from "../../helpers/eventually.ts";
import { startOrderStore, stock, type OrderStore } from "../../helpers/order-store.ts";
import { anOrder, place, staff, type Placed } from "../../helpers/shop.ts";

describe("an order that waits for its payment", () => {
  let store: OrderStore;
  let events = 0;

  before(async () => {
    store = await startOrderStore({ MUG: 1000 });
    await stock(store, { MUG: 1000 });
  });
  afterEach(() => {
    delete store.beforeAnswer;
  });
  after(() => store.stop());

  const waiting = (): Promise<Placed> =>
    place(store, anOrder([{ sku: "MUG", quantity: 1 }], { payment: { provider: "test", token: "tok_3ds" } }));
  const statusOf = async (id: string) => (await store.call("orders.adminGet", { id })).status;

  /** The provider says yes, and payments tells orders. */
  async function authorized(payment: Payment): Promise<void> {
    const decided = { ...payment, status: "authorized" as const };
    store.payments.set(payment.orderId, decided);
    const event = {
      id: `${payment.orderId}-${++events}`,
      type: "payments.decided",
      entity: payment.orderId,
      version: 2,
      at: new Date().toISOString(),
      payload: { payment: decided },
    };
    await store.call("orders.receive", { from: "payments", events: [event] });
  }

  it("is confirmed at once when the word came before the order waited for it", async () => {
    let told = false;
    store.beforeAnswer = async (payment) => {
      if (told) return;
      told = true;
      await authorized(payment);
    };
    const order = await waiting();
    await eventually(async () => (await statusOf(order.id)) === "confirmed");
  });

  it("is confirmed at once when the word came while the provider was asked again", async () => {
    const order = await waiting();
    let told = false;
    store.beforeAnswer = async (payment) => {
      if (told) return;
      told = true;
      await authorized(payment);
    };
    store.clock.advance(61_000);
    await eventually(() => told);
    await eventually(async () => (await statusOf(order.id)) === "confirmed");
  });

  it("does not wait for the slow payments of others", async () => {
    const slow = await Promise.all(Array.from({ length: 20 }, waiting));
    const quick = await waiting();
    const ids = new Set(slow.map((order) => order.id));
    let open = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    store.beforeAnswer = (payment) => (ids.has(payment.orderId) ? gate : undefined);
    const payment = store.payments.get(quick.id) as Payment;
    store.payments.set(quick.id, { ...payment, status: "authorized" });
    store.clock.advance(61_000);
    try {
      await eventually(async () => (await statusOf(quick.id)) === "confirmed", 3000);
    } finally {
      open();
    }
  });

  it("shows a live reader the change that came while the stream was opened", async () => {
    const order = await place(store, anOrder([{ sku: "MUG", quantity: 1 }]));
    const { read } = (store.broker.getLocalService("orders") as unknown as OrdersActor).store;
    const original = read.all.bind(read);
    read.all = async <R>(query: Parameters<typeof read.all>[0]): Promise<R[]> => {
      read.all = original;
      await store.call("orders.ship", { id: order.id }, { meta: staff });
      return original<R>(query);
    };
    const meta = { orderSecret: order.secret ?? "" };
    const stream = (await store.call("orders.stream", { id: order.id }, { meta })) as Readable;
    let text = "";
    stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
    try {
      await eventually(() => text.includes('"status":"shipped"'), 3000);
    } finally {
      stream.destroy();
    }
    expect(text.match(/^event: order$/gm)).to.have.length(2);
  });
});
