import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { expect } from "chai";
import { onShelf, stock } from "../../helpers/order-store.ts";
import { anOrder, place, staff } from "../../helpers/shop.ts";
import { standIns } from "../../helpers/stand-ins.ts";
import { startStore, type TestStore } from "../../helpers/store.ts";

const nobody = "0198c0de-0000-7000-8000-0000000000ff";
const product = "0198c0de-0000-7000-8000-000000000001";
const pounds = (amount: number) => ({ amount, currency: "GBP" });
const catalogue = standIns({
  "products.resolve": ({ params }) =>
    params.skus.map((sku) => ({
      sku,
      productId: product,
      slug: "thing",
      name: "Thing",
      options: {},
      image: null,
      price: pounds(1000),
    })),
});

describe("halves without their other half", function () {
  this.timeout(30_000);
  let store: TestStore;
  before(async () => {
    store = await startStore({ services: ["orders", "inventory", "payments"], extra: catalogue });
    await stock(store, { CUP: 20 });
  });
  after(() => store.stop());

  const strays = async () => (await store.call("orders.strays", {}, { meta: staff })).data;
  const kinds = async () => (await strays()).map(({ orderId, kind }) => `${kind} ${orderId}`);
  const unstick = async (id: string) => (await store.call("orders.unstick", { id }, { meta: staff })).done;
  const change = (text: string, ...values: string[]): void => {
    const database = new DatabaseSync(join(store.dataDir, "orders.sqlite"));
    database.prepare(text).run(...values);
    database.close();
  };

  it("are none while a store is well", async () => {
    await place(store, anOrder([{ sku: "CUP", quantity: 1 }]));
    store.clock.advance(40_000);
    expect(await strays()).to.deep.equal([]);
  });

  it("leave an order alone that is well", async () => {
    const { id } = await place(store, anOrder([{ sku: "CUP", quantity: 2 }]));
    const shelf = await onShelf(store, "CUP");
    expect(await unstick(id)).to.deep.equal([]);
    expect(await onShelf(store, "CUP")).to.deep.equal(shelf);
    expect(await store.call("payments.get", { orderId: id })).to.include({ status: "authorized" });
  });

  it("show a hold without an order, and free it once", async () => {
    const [onHand, reserved] = await onShelf(store, "CUP");
    await store.call("inventory.reserve", {
      orderId: nobody,
      lines: [{ sku: "CUP", quantity: 3 }],
      ttlSeconds: 900,
    });
    store.clock.advance(40_000);
    expect(await kinds()).to.deep.equal([`hold ${nobody}`]);
    expect(await unstick(nobody)).to.deep.equal(["released"]);
    expect(await onShelf(store, "CUP")).to.deep.equal([onHand, reserved]);
    expect(await kinds()).to.deep.equal([]);
    expect(await unstick(nobody)).to.deep.equal([]);
  });

  it("show a payment without an order, and let it go once", async () => {
    const orderId = nobody.replace(/ff$/, "fe");
    const payment = { orderId, amount: pounds(1000), provider: "test", token: "tok_visa" } as const;
    await store.call("payments.authorize", payment);
    store.clock.advance(40_000);
    expect(await kinds()).to.deep.equal([`charge ${orderId}`]);
    expect(await unstick(orderId)).to.deep.equal(["voided"]);
    expect(await store.call("payments.get", { orderId })).to.include({ status: "voided" });
    expect(await unstick(orderId)).to.not.include("voided");
  });

  it("show an order without a payment, and a refund on its way", async () => {
    const { id } = await place(store, anOrder([{ sku: "CUP", quantity: 1 }]));
    store.clock.advance(40_000);
    change("update orders set payment = replace(payment, 'authorized', 'pending') where id = ?", id);
    change(
      "insert into refunds (id, order_id, amount, lines, reason, status, return_id, at) values (?, ?, 500, '[]', '', 'pending', null, '2026-01-01T00:00:00.000Z')",
      nobody,
      id,
    );
    expect(await kinds()).to.have.members([`refunding ${id}`, `unpaid ${id}`]);
  });

  it("say which actor could not be asked", async () => {
    const alone = await startStore({ services: ["orders", "inventory"], extra: catalogue });
    try {
      const { missing } = await alone.call("orders.strays", {}, { meta: staff });
      expect(missing).to.deep.equal(["payments"]);
    } finally {
      await alone.stop();
    }
  });
});
