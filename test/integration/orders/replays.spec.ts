import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import type { OrdersActor } from "../../../services/orders/orders.actor.ts";
import { sweepKeys } from "../../../services/orders/orders.keys.ts";
import { startOrderStore, stock, type OrderStore } from "../../helpers/order-store.ts";
import { anOrder, freshKey, place, refusalOf, staff, type Placed } from "../../helpers/shop.ts";

describe("a repeated change of an order", () => {
  let store: OrderStore;

  before(async () => {
    store = await startOrderStore({ MUG: 1000, TEA: 333 });
    await stock(store, { MUG: 1000, TEA: 1000 });
  });
  after(() => store.stop());

  const asStaff = () => ({ meta: { ...staff, idempotencyKey: freshKey() } });
  const placed = (): Promise<Placed> => place(store, anOrder([{ sku: "MUG", quantity: 2 }]));
  const approved = async (order: Placed) => {
    const lines = [{ sku: "MUG", quantity: 1 }];
    const meta = { orderSecret: order.secret ?? "" };
    const asked = await store.call("orders.requestReturn", { id: order.id, lines, reason: "" }, { meta });
    return store.call("orders.approveReturn", { id: asked.id }, asStaff());
  };

  it("answers the key of a shipping as before, whatever came after it", async () => {
    const order = await placed();
    const meta = { ...asStaff().meta, ifMatch: order.version };
    const body = { id: order.id, carrier: "Post", trackingNumber: "42" };
    const first = await store.call("orders.ship", body, { meta: { ...meta } });
    await store.call("orders.deliver", { id: order.id }, asStaff());
    const replayed: typeof meta & { replayed?: boolean } = { ...meta };
    const again = await store.call("orders.ship", body, { meta: replayed });
    expect(JSON.stringify(again)).to.equal(JSON.stringify(first));
    const other = store.call("orders.ship", { ...body, trackingNumber: "43" }, { meta: { ...meta } });
    expect(await refusalOf(other)).to.include({ type: "IDEMPOTENCY_KEY_REUSED", code: 422 });
  });

  it("answers the key of a cancellation as before, and refuses it for another order", async () => {
    const order = await placed();
    const meta = { ...asStaff().meta, ifMatch: order.version };
    const first = await store.call("orders.adminCancel", { id: order.id }, { meta: { ...meta } });
    const again = await store.call("orders.adminCancel", { id: order.id }, { meta: { ...meta } });
    expect(JSON.stringify(again)).to.equal(JSON.stringify(first));
    const other = await placed();
    const reused = store.call("orders.adminCancel", { id: other.id }, { meta: { ...meta } });
    expect(await refusalOf(reused)).to.include({ type: "IDEMPOTENCY_KEY_REUSED", code: 422 });
    expect((await store.call("orders.adminGet", { id: other.id })).status).to.equal("confirmed");
  });

  it("gives twenty cancellations with one key at once one answer", async () => {
    const order = await placed();
    const meta = { orderSecret: order.secret ?? "", idempotencyKey: freshKey() };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => store.call("orders.cancel", { id: order.id }, { meta: { ...meta } })),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).to.equal(1);
  });

  it("answers the key of a received return as before", async () => {
    const order = await placed();
    await store.call("orders.ship", { id: order.id }, asStaff());
    const back = await approved(order);
    const meta = { ...asStaff().meta, ifMatch: back.version };
    const first = await store.call("orders.receiveReturn", { id: back.id }, { meta: { ...meta } });
    const again = await store.call("orders.receiveReturn", { id: back.id }, { meta: { ...meta } });
    expect(first.status).to.equal("received");
    expect(JSON.stringify(again)).to.equal(JSON.stringify(first));
  });

  const keyOf = (key: string) => `key = '${key}'`;
  const withDatabase = <R>(work: (db: DatabaseSync) => R): R => {
    const db = new DatabaseSync(join(store.dataDir, "orders.sqlite"));
    try {
      return work(db);
    } finally {
      db.close();
    }
  };
  const rowsOf = (table: string, key: string): number =>
    withDatabase((db) => db.prepare(`select * from ${table} where ${keyOf(key)}`).all().length);

  it("answers a key that the version before answered, in the key's own row", async () => {
    const order = await placed();
    const meta = { orderSecret: order.secret ?? "", idempotencyKey: freshKey() };
    const first = await store.call("orders.cancel", { id: order.id }, { meta: { ...meta } });
    const key = keyOf(meta.idempotencyKey);
    withDatabase((db) => {
      db.exec(
        `update keys set (status, body) = (select status, body from answers where ${key}) where ${key}`,
      );
      db.exec(`delete from answers where ${key}`);
    });
    const again = await store.call("orders.cancel", { id: order.id }, { meta: { ...meta } });
    expect(JSON.stringify(again)).to.equal(JSON.stringify(first));
  });

  it("forgets keys and answers after a day, but none that has no answer yet", async () => {
    const order = await placed();
    const old = freshKey();
    const meta = { orderSecret: order.secret ?? "" };
    await store.call("orders.cancel", { id: order.id }, { meta: { ...meta, idempotencyKey: old } });
    const open = freshKey();
    withDatabase((db) =>
      db.exec(`insert into keys (caller, key, fingerprint, order_id, at)
        select caller, '${open}', fingerprint, order_id, at from keys where ${keyOf(old)}`),
    );
    const orders = store.broker.getLocalService("orders") as unknown as OrdersActor;
    store.clock.advance(24 * 3_600_000 - 60_000);
    const fresh = freshKey();
    await store.call("orders.cancel", { id: order.id }, { meta: { ...meta, idempotencyKey: fresh } });
    await sweepKeys(orders);
    expect([old, open, fresh].map((key) => rowsOf("keys", key))).to.deep.equal([1, 1, 1]);
    store.clock.advance(120_000);
    await sweepKeys(orders);
    expect([old, open, fresh].map((key) => rowsOf("keys", key))).to.deep.equal([0, 1, 1]);
    expect([old, fresh].map((key) => rowsOf("answers", key))).to.deep.equal([0, 1]);
  });

  it("checks If-Match against the return's own version", async () => {
    const order = await placed();
    await store.call("orders.ship", { id: order.id }, asStaff());
    const back = await approved(order);
    const stale = { meta: { ...asStaff().meta, ifMatch: back.version - 1 } };
    for (const action of ["orders.approveReturn", "orders.receiveReturn", "orders.refuseReturn"] as const)
      expect(await refusalOf(store.call(action, { id: back.id }, stale))).to.include({
        type: "VERSION_MISMATCH",
        code: 412,
      });
    const now = { meta: { ...asStaff().meta, ifMatch: back.version } };
    expect((await store.call("orders.receiveReturn", { id: back.id }, now)).status).to.equal("received");
  });
});
