import { expect } from "chai";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { HistoryEntry } from "../../../scripts/history.ts";
import { runChecks, type Line } from "../../../scripts/verify/run.ts";
import { eventually } from "../../helpers/eventually.ts";
import { anOrder, freshKey, place, staff, type Placed } from "../../helpers/shop.ts";
import { startStore } from "../../helpers/store.ts";

const services = [
  "users",
  "products",
  "inventory",
  "carts",
  "orders",
  "payments",
  "notifications",
  "webhooks",
  "audit",
];

/** One violation of each kind, planted in the databases of a store that has none. */
const plants: { id: string; actor: string; sql: string[] }[] = [
  {
    id: "I4",
    actor: "orders",
    sql: [
      "drop index orders_one_per_cart",
      "update orders set cart_id = '0198c0de-0000-7000-8000-0000000000c1' where status in ('shipped', 'cancelled')",
    ],
  },
  { id: "I5", actor: "inventory", sql: ["update items set on_hand = on_hand + 1"] },
  {
    id: "I6",
    actor: "inventory",
    sql: ["update items set reserved = reserved + 1 where on_hand > reserved"],
  },
  { id: "I7", actor: "orders", sql: ["update orders set status = 'cancelled' where status = 'confirmed'"] },
  {
    id: "I8",
    actor: "orders",
    sql: ["update order_lines set quantity = quantity + 1, total = unit_price * (quantity + 1)"],
  },
  {
    id: "I9",
    actor: "payments",
    sql: ["update payments set captured = captured - 1 where captured > 0 and refunded < captured"],
  },
  { id: "I10", actor: "payments", sql: ["update refunds set amount = amount + 1"] },
  {
    id: "I11",
    actor: "payments",
    sql: ["update payments set status = 'authorized' where status = 'voided'"],
  },
  { id: "I12", actor: "orders", sql: ["delete from order_events where version = 2"] },
  {
    id: "I13",
    actor: "orders",
    sql: ["insert into coupon_uses (order_id, code, customer) values ('x', 'SAVE', 'y')"],
  },
  { id: "I14", actor: "orders", sql: ["delete from events where type = 'orders.shipped'"] },
  { id: "I15", actor: "notifications", sql: ["delete from inbox"] },
  { id: "I16", actor: "orders", sql: ["update events set version = 99 where type = 'orders.confirmed'"] },
  {
    id: "I17",
    actor: "orders",
    sql: [
      "insert into outbox (subscriber, event_id, type, entity, version, at, attempts, due, parked) values ('carts', 'e', 'orders.confirmed', 'x', 1, '2026', 12, 0, 1)",
    ],
  },
  { id: "I19", actor: "payments", sql: ["update ledger_entries set amount = amount + 1 where amount > 0"] },
  {
    id: "I20",
    actor: "audit",
    sql: ["drop trigger entries_no_delete", "delete from entries where action = 'orders.ship'"],
  },
  { id: "I21", actor: "users", sql: ["update refresh_tokens set used_at = null"] },
];

describe("verify", () => {
  let dataDir: string;
  let order: Placed;

  before(async () => {
    dataDir = mkdtempSync(join(tmpdir(), "valence-verify-"));
    const store = await startStore({ services, dataDir });
    const meta = () => ({ meta: { ...staff, idempotencyKey: freshKey() } });
    await store.call(
      "products.create",
      {
        name: "Mug",
        variants: [{ sku: "MUG", name: "", options: {}, prices: [{ amount: 900, currency: "GBP" }] }],
      },
      meta(),
    );
    await store.call("inventory.setStock", {
      key: "t",
      reason: "count",
      items: [{ sku: "MUG", onHand: 50 }],
    });
    await store.call("orders.createCoupon", { code: "SAVE", kind: "percent", value: 10 }, meta());
    order = await place(store, anOrder([{ sku: "MUG", quantity: 2 }], { couponCode: "SAVE" }));
    const shipped = await place(store, anOrder([{ sku: "MUG", quantity: 1 }]));
    await store.call("orders.ship", { id: shipped.id }, meta());
    await store.call(
      "orders.refund",
      { id: shipped.id, amount: { amount: 100, currency: "GBP" }, reason: "late" },
      meta(),
    );
    const cancelled = await place(store, anOrder([{ sku: "MUG", quantity: 1 }]));
    await store.call("orders.adminCancel", { id: cancelled.id }, meta());
    const email = "verify@example.com";
    const password = "a long enough phrase";
    await store.call("users.register", { email, password, name: "V" });
    const login = { setRefreshToken: undefined } as { setRefreshToken?: { token: string } | null };
    await store.call("users.login", { email, password }, { meta: login });
    await store.call("users.refresh", {}, { meta: { refreshToken: login.setRefreshToken?.token ?? "" } });
    await eventually(async () => {
      const jobs = await Promise.all(
        (["users", "orders", "inventory", "payments"] as const).map((actor) =>
          store.call(`${actor}.jobs`, {}),
        ),
      );
      return jobs.every((job) => job.pending === 0);
    });
    await store.stop();
  });
  after(() => rmSync(dataDir, { recursive: true, force: true }));

  const look = (dir: string, history?: HistoryEntry[]): Promise<Line[]> =>
    runChecks({ dataDir: dir, databaseUrls: {} }, { history, running: false });
  const broken = (lines: Line[]) => lines.filter((line) => line.violations.length > 0).map((line) => line.id);

  it("finds nothing in a store that has none, and checks every invariant", async () => {
    const lines = await look(dataDir, []);
    expect(lines.map((line) => line.id)).to.deep.equal(Array.from({ length: 22 }, (_, i) => `I${i + 1}`));
    expect(lines.flatMap((line) => line.violations)).to.deep.equal([]);
  });

  it("says not checked where it was not told what clients saw", async () => {
    const lines = await look(dataDir);
    const blind = lines.filter((line) => line.counted === undefined).map((line) => line.id);
    expect(blind).to.deep.equal(["I1", "I2", "I3", "I18", "I22"]);
  });

  for (const { id, actor, sql } of plants)
    it(`names ${id} when it is broken`, async () => {
      const copy = mkdtempSync(join(tmpdir(), "valence-planted-"));
      try {
        cpSync(dataDir, copy, { recursive: true });
        const database = new DatabaseSync(join(copy, `${actor}.sqlite`));
        database.exec("pragma ignore_check_constraints = on");
        for (const statement of sql) database.exec(statement);
        database.close();
        expect(broken(await look(copy))).to.include(id);
      } finally {
        rmSync(copy, { recursive: true, force: true });
      }
    });

  it("names I1, I2, I3, I18 and I22 when clients were told otherwise", async () => {
    const lines = order.lines.map(({ sku, quantity }) => ({ sku, quantity }));
    const told = (over: Partial<HistoryEntry>): HistoryEntry => ({
      client: "c",
      op: "place",
      at: "2026-01-01T00:00:00.000Z",
      key: "k",
      sent: "a",
      status: 201,
      answer: "x",
      order: { id: order.id, total: order.total.amount, lines },
      ...over,
    });
    expect(broken(await look(dataDir, [told({})]))).to.deep.equal([]);
    const after = async (...entries: HistoryEntry[]) => broken(await look(dataDir, entries));
    expect(await after(told({ order: { id: "gone", total: 1, lines } }))).to.include("I1");
    expect(await after(told({ order: { id: order.id, total: 1, lines } }))).to.include("I1");
    expect(await after(told({}), told({ answer: "y" }))).to.include("I2");
    expect(await after(told({}), told({ sent: "b" }))).to.include("I3");
    expect(await after(told({ op: "read", status: 404 }))).to.include("I18");
    expect(await after(told({ op: "read", status: 200, owner: "me", gotOwner: "you" }))).to.include("I22");
  });
});
