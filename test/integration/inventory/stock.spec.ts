import { expect } from "chai";
import fc from "fast-check";
import { standIns } from "../../helpers/stand-ins.ts";
import { eventually } from "../../helpers/eventually.ts";
import { refusalOf, staff } from "../../helpers/shop.ts";
import { startStore, type TestStore } from "../../helpers/store.ts";

const orderId = (n: number) => `0198c0de-0000-7000-8000-${String(n).padStart(12, "0")}`;
let last = 0;
const freshOrder = () => orderId(++last);

describe("inventory", () => {
  let store: TestStore;
  const open = new Set<string>();

  before(async () => {
    const extra = standIns({
      "orders.holds": ({ params }) => params.orderIds.map((id) => ({ orderId: id, open: open.has(id) })),
    });
    store = await startStore({ services: ["inventory"], extra });
  });
  after(() => store.stop());

  const fill = (sku: string, onHand: number) =>
    store.call("inventory.setStock", {
      key: `fill-${sku}-${onHand}`,
      reason: "count",
      items: [{ sku, onHand }],
    });
  const item = (sku: string) => store.call("inventory.get", { sku });
  const reserve = (id: string, lines: { sku: string; quantity: number }[], ttlSeconds = 900) =>
    store.call("inventory.reserve", { orderId: id, lines, ttlSeconds });

  it("holds all lines of an order or none", async () => {
    await fill("A", 5);
    await fill("B", 1);
    const refusal = await refusalOf(
      reserve(freshOrder(), [
        { sku: "A", quantity: 2 },
        { sku: "B", quantity: 2 },
        { sku: "NONE", quantity: 1 },
      ]),
    );
    expect(refusal).to.include({ type: "OUT_OF_STOCK", code: 409 });
    expect(refusal.data?.["items"]).to.deep.equal([
      { sku: "B", requested: 2, available: 1 },
      { sku: "NONE", requested: 1, available: 0 },
    ]);
    expect((await item("A")).reserved).to.equal(0);
  });

  it("answers a repeated hold as the first, and takes it once", async () => {
    await fill("C", 10);
    const id = freshOrder();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => reserve(id, [{ sku: "C", quantity: 3 }])),
    );
    expect(new Set(answers.map((answer) => answer.expiresAt)).size).to.equal(1);
    expect((await item("C")).reserved).to.equal(3);
  });

  it("serves a batch of crossing lines without failing neighbours of the one that is short", async () => {
    await fill("D", 30);
    await fill("E", 30);
    const holds = Array.from({ length: 40 }, (_, i) => {
      const lines = [
        { sku: "D", quantity: 1 },
        { sku: "E", quantity: 1 },
      ];
      return reserve(freshOrder(), i % 2 === 0 ? lines : lines.reverse());
    });
    const done = (await Promise.allSettled(holds)).filter((one) => one.status === "fulfilled");
    expect(done).to.have.length(30);
    expect(await item("D")).to.include({ onHand: 30, reserved: 30, available: 0 });
    expect(await item("E")).to.include({ onHand: 30, reserved: 30, available: 0 });
  });

  it("releases and ships once, and refuses a hold or a shipping after the release", async () => {
    await fill("F", 10);
    const id = freshOrder();
    await reserve(id, [{ sku: "F", quantity: 4 }]);
    expect(await store.call("inventory.release", { orderId: id })).to.deep.equal({ released: true });
    expect(await store.call("inventory.release", { orderId: id })).to.deep.equal({ released: false });
    expect(await refusalOf(store.call("inventory.ship", { orderId: id }))).to.include({
      type: "HOLD_CLOSED",
    });
    expect(await refusalOf(reserve(id, [{ sku: "F", quantity: 4 }]))).to.include({ type: "HOLD_CLOSED" });
    expect(await item("F")).to.include({ onHand: 10, reserved: 0 });
  });

  it("gives units that come back to a hold that is taken at the same moment", async () => {
    await fill("BACK", 1);
    const id = freshOrder();
    await reserve(id, [{ sku: "BACK", quantity: 1 }]);
    const [taken, ended] = await Promise.allSettled([
      reserve(freshOrder(), [{ sku: "BACK", quantity: 1 }]),
      store.call("inventory.release", { orderId: id }),
    ]);
    expect([taken.status, ended.status]).to.deep.equal(["fulfilled", "fulfilled"]);
    expect(await item("BACK")).to.include({ onHand: 1, reserved: 1 });
  });

  it("holds nothing for an order that is released at the same moment", async () => {
    await fill("SAME", 1);
    const id = freshOrder();
    const [refused] = await Promise.all([
      refusalOf(reserve(id, [{ sku: "SAME", quantity: 1 }])),
      store.call("inventory.release", { orderId: id }),
    ]);
    expect(refused).to.include({ type: "HOLD_CLOSED" });
    expect(await item("SAME")).to.include({ onHand: 1, reserved: 0 });
  });

  it("refuses a hold that comes after its own release", async () => {
    await fill("G", 3);
    const id = freshOrder();
    await store.call("inventory.release", { orderId: id });
    expect(await refusalOf(reserve(id, [{ sku: "G", quantity: 1 }]))).to.include({ type: "HOLD_CLOSED" });
  });

  it("frees an expired hold of a closed order, and keeps that of an open one", async () => {
    await fill("H", 10);
    const [kept, dropped] = [freshOrder(), freshOrder()];
    open.add(kept);
    await reserve(kept, [{ sku: "H", quantity: 1 }], 60);
    await reserve(dropped, [{ sku: "H", quantity: 2 }], 60);
    store.clock.advance(61_000);
    await eventually(async () => (await item("H")).reserved === 1);
    expect(await store.call("inventory.extend", { orderId: dropped, ttlSeconds: 60 })).to.deep.equal({
      held: false,
    });
  });

  it("writes a ledger whose sum is what is on hand", async () => {
    await fill("I", 7);
    const move = (kind: "receive" | "adjust", quantity: number) =>
      store.call(
        "inventory.addMovement",
        { sku: "I", kind, quantity, reason: "counted" },
        { meta: { ...staff } },
      );
    await move("receive", 5);
    await move("adjust", -2);
    const id = freshOrder();
    await reserve(id, [{ sku: "I", quantity: 4 }]);
    expect(await refusalOf(move("adjust", -7))).to.include({ type: "STOCK_BELOW_RESERVED", code: 409 });
    await store.call("inventory.ship", { orderId: id });
    const lines = [{ sku: "I", quantity: 1 }];
    await store.call("inventory.restock", { orderId: id, returnId: orderId(900), lines });
    await store.call("inventory.restock", { orderId: id, returnId: orderId(900), lines });
    const { data } = await store.call("inventory.movements", { sku: "I" });
    expect(data.map((one) => [one.kind, one.quantity])).to.deep.equal([
      ["restock", 1],
      ["ship", -4],
      ["adjust", -2],
      ["receive", 5],
      ["adjust", 7],
    ]);
    expect((await item("I")).onHand).to.equal(data.reduce((sum, one) => sum + one.quantity, 0));
  });

  it("sets a count once per key, and refuses one below what is held", async () => {
    await fill("J", 5);
    await reserve(freshOrder(), [{ sku: "J", quantity: 4 }]);
    const set = (key: string, onHand: number) =>
      store.call("inventory.setStock", { key, reason: "import", items: [{ sku: "J", onHand }] });
    expect(await set("one", 3)).to.deep.equal({ set: 0, refused: [{ sku: "J", reserved: 4 }] });
    expect(await set("two", 9)).to.deep.equal({ set: 1, refused: [] });
    expect(await set("two", 50)).to.deep.equal({ set: 0, refused: [] });
    expect((await item("J")).onHand).to.equal(9);
  });

  it("keeps 0 <= reserved <= on hand, and every unit accounted for, through any mix of calls at once", async () => {
    const step = fc.record({
      act: fc.constantFrom("reserve", "release", "ship"),
      order: fc.integer({ min: 1, max: 6 }),
      quantity: fc.integer({ min: 1, max: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
        const sku = `P${++last}`;
        await fill(sku, 12);
        const ids = Array.from({ length: 7 }, freshOrder);
        await Promise.allSettled(
          steps.map(({ act, order, quantity }) => {
            const id = ids[order] as string;
            return act === "reserve"
              ? reserve(id, [{ sku, quantity }])
              : store.call(`inventory.${act as "ship"}`, { orderId: id });
          }),
        );
        const { onHand, reserved } = await item(sku);
        const { data } = await store.call("inventory.movements", { sku, limit: 100 });
        expect(reserved).to.be.within(0, onHand);
        expect(onHand).to.equal(data.reduce((sum, one) => sum + one.quantity, 0));
      }),
      { numRuns: 40 },
    );
  });
});
