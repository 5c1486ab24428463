import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { eventually } from "../../helpers/eventually.ts";
import { startOrderStore, stock, type OrderStore } from "../../helpers/order-store.ts";
import { anOrder, place } from "../../helpers/shop.ts";

/** Two orders whose payments are answered in one turn, so that both are moved on in one batch. */
describe("orders that are moved on together", () => {
  let store: OrderStore;
  let orders: DatabaseSync;

  before(async () => {
    store = await startOrderStore({ MUG: 1000 });
    await stock(store, { MUG: 1000 });
    orders = new DatabaseSync(join(store.dataDir, "orders.sqlite"), { timeout: 5000 });
  });
  afterEach(() => {
    delete store.beforeAnswer;
  });
  after(async () => {
    orders.close();
    await store.stop();
  });

  const mug = () => place(store, anOrder([{ sku: "MUG", quantity: 1 }]));
  const statusOf = async (id: string) => (await store.call("orders.adminGet", { id })).status;

  /** Places two orders and, while both wait for their payments, runs `meanwhile` with the first one's id. */
  async function together(meanwhile: (first: string) => void) {
    const waiting: string[] = [];
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    store.beforeAnswer = ({ orderId }) => {
      waiting.push(orderId);
      return answered;
    };
    const placed = [mug(), mug()];
    await eventually(() => waiting.length === 2);
    meanwhile(waiting[0] as string);
    delete store.beforeAnswer;
    answer();
    const [first = "", second = ""] = waiting;
    await eventually(async () => (await statusOf(second)) === "confirmed");
    return { first, placed: Promise.all(placed) };
  }

  it("leave alone the one whose saga another node holds, and it is answered by that node's work", async () => {
    const { first, placed } = await together((id) => {
      const far = Date.now() + 3_600_000;
      orders
        .prepare("update sagas set version = version + 1, lease_until = ? where order_id = ?")
        .run(far, id);
    });
    expect(await statusOf(first)).to.equal("pending");
    orders.prepare("update sagas set lease_until = 0 where order_id = ?").run(first);
    for (const { status } of await placed) expect(status).to.equal("confirmed");
  });

  it("write nothing over one that has moved meanwhile", async () => {
    const move = (by: number) => (id: string) =>
      orders.prepare("update orders set version = version + ? where id = ?").run(by, id);
    const { first, placed } = await together(move(1));
    expect(await statusOf(first)).to.equal("pending");
    move(-1)(first);
    store.clock.advance(60_000);
    for (const { status } of await placed) expect(status).to.equal("confirmed");
    expect(await statusOf(first)).to.equal("confirmed");
  });
});
