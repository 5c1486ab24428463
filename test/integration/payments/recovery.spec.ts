import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { eventually } from "../../helpers/eventually.ts";
import { refusalOf } from "../../helpers/shop.ts";
import { testClock, type TestStore } from "../../helpers/store.ts";
import { anOrderId, authorize, chargesOf, eventsOf, gbp, ledgerOf, startPayments } from "./payment-store.ts";

/** Takes back what our own database says of an order, as if the process had died before its commit. */
function forget(store: TestStore, orderId: string): void {
  const db = new DatabaseSync(join(store.dataDir, "payments.sqlite"));
  for (const [table, column] of [
    ["payments", "order_id"],
    ["attempts", "order_id"],
    ["events", "entity"],
    ["outbox", "entity"],
  ] as const)
    db.prepare(`delete from ${table} where ${column} = ?`).run(orderId);
  db.close();
}

describe("payments: after a crash", () => {
  let dataDir: string;
  let store: TestStore;
  const clock = testClock();
  const start = () => startPayments({ dataDir, clock });

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), "valence-payments-"));
    store = await start();
  });
  afterEach(async () => {
    await store.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const restart = async (between: () => void = () => undefined) => {
    await store.stop();
    between();
    store = await start();
  };
  const get = (orderId: string) => store.call("payments.get", { orderId });

  it("finds the charge whose commit was lost when it is asked again", async () => {
    const orderId = anOrderId();
    await authorize(store, orderId);
    const [charge] = chargesOf(store, orderId);
    await restart(() => forget(store, orderId));
    expect(await get(orderId)).to.equal(null);
    expect((await authorize(store, orderId)).status).to.equal("authorized");
    expect(chargesOf(store, orderId)).to.deep.equal([charge]);
  });

  it("voids the charge whose commit was lost when the order is undone", async () => {
    const orderId = anOrderId();
    await authorize(store, orderId);
    await restart(() => forget(store, orderId));
    expect((await store.call("payments.void", { orderId }))?.status).to.equal("voided");
    expect(chargesOf(store, orderId)[0]?.status).to.equal("voided");
  });

  it("voids a charge that comes to light after its order was closed", async () => {
    const orderId = anOrderId();
    await authorize(store, orderId);
    await restart(() => {
      forget(store, orderId);
      // Another node's void found nothing yet.
      const db = new DatabaseSync(join(dataDir, "payments.sqlite"));
      db.prepare(
        `insert into payments (id, order_id, provider, status, currency, amount, captured, refunded, refunding, check_at,
          checks, created_at, version) values (?, ?, 'none', 'voided', '', 0, 0, 0, 0, ?, 0, '2026-01-01T00:00:00.000Z', 1)`,
      ).run(orderId, orderId, clock.now() + 15_000);
      db.close();
    });
    clock.advance(15_000);
    await eventually(() => chargesOf(store, orderId)[0]?.status === "voided");
    expect(await get(orderId)).to.deep.include({ status: "voided", amount: gbp(5000) });
  });

  it("books a capture and gives it back when only the provider knows of it", async () => {
    const orderId = anOrderId();
    await authorize(store, orderId);
    await store.stop();
    const db = new DatabaseSync(join(dataDir, "test-provider.sqlite"));
    db.prepare(
      "update test_provider_charges set status = 'captured', captured = amount where order_id = ?",
    ).run(orderId);
    db.close();
    store = await start();
    const voided = await store.call("payments.void", { orderId });
    expect(voided).to.deep.include({ status: "voided", captured: gbp(5000), refunded: gbp(5000) });
    expect(chargesOf(store, orderId)[0]?.refunded).to.equal(5000);
    expect(ledgerOf(store, orderId)).to.deep.equal({ "receivable:test": 0, sales: -5000, refunds: 5000 });
  });

  const isLookedAtAgain = (orderId: string): boolean => {
    const db = new DatabaseSync(join(dataDir, "payments.sqlite"));
    const row = db.prepare("select check_at from payments where order_id = ?").get(orderId);
    db.close();
    return (row as { check_at: number | null }).check_at !== null;
  };

  it("looks no more at a payment that was let go", async () => {
    for (const capture of [false, true]) {
      const orderId = anOrderId();
      await authorize(store, orderId);
      if (capture) await store.call("payments.capture", { orderId });
      await store.call("payments.void", { orderId });
      expect(isLookedAtAgain(orderId)).to.equal(false);
    }
  });

  it("gives back what was captured when the process died before the refund of a void", async () => {
    const orderId = anOrderId();
    await authorize(store, orderId);
    await store.call("payments.capture", { orderId });
    const database = join(dataDir, "payments.sqlite");
    const trap = new DatabaseSync(database);
    trap.exec("create trigger no_refund before insert on refunds begin select raise(abort, 'died'); end");
    await refusalOf(store.call("payments.void", { orderId }));
    trap.exec("drop trigger no_refund");
    trap.close();
    expect(isLookedAtAgain(orderId)).to.equal(true);
    await restart();
    clock.advance(60_000);
    await eventually(async () => (await get(orderId))?.refunded.amount === 5000);
  });

  it("sends a report that was due while the store was down", async () => {
    const orderId = anOrderId();
    expect((await authorize(store, orderId, "tok_webhook_late")).status).to.equal("pending");
    await restart();
    await eventually(async () => (await get(orderId))?.status === "authorized");
    expect(eventsOf(store, orderId)).to.deep.equal(["payments.authorized"]);
  });

  it("asks the provider about a payment whose report was lost", async () => {
    const orderId = anOrderId();
    await authorize(store, orderId, "tok_3ds");
    const db = new DatabaseSync(join(dataDir, "test-provider.sqlite"));
    db.prepare("update test_provider_charges set status = 'authorized' where order_id = ?").run(orderId);
    db.close();
    clock.advance(5_000);
    await eventually(async () => (await get(orderId))?.status === "authorized");
  });

  it("finishes a refund that was held when the process died", async () => {
    const orderId = anOrderId();
    await authorize(store, orderId);
    await store.call("payments.capture", { orderId });
    await restart(() => {
      const db = new DatabaseSync(join(dataDir, "payments.sqlite"));
      db.prepare("update payments set refunding = 300 where order_id = ?").run(orderId);
      db.prepare(
        "insert into refunds (id, order_id, amount, reason, state, check_at, checks, at) values ('r1', ?, 300, '', 'pending', ?, 0, '')",
      ).run(orderId, clock.now());
      db.close();
    });
    await eventually(async () => (await get(orderId))?.refunded.amount === 300);
    expect(chargesOf(store, orderId)[0]?.refunded).to.equal(300);
    expect(ledgerOf(store, orderId)).to.deep.equal({ "receivable:test": 4700, sales: -5000, refunds: 300 });
  });
});
