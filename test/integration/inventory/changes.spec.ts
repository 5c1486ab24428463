import process from "node:process";
import { expect } from "chai";
import pg from "pg";
import type { Changes, StockPosition } from "../../../services/inventory/inventory.contract.ts";
import { standIns } from "../../helpers/stand-ins.ts";
import { startStore, testClock, type TestStore } from "../../helpers/store.ts";

const postgres = process.env["TEST_POSTGRES_URL"];
const name = `changes_${process.pid}`;
const at = (database: string): string => {
  const url = new URL(postgres as string);
  url.pathname = `/${database}`;
  return url.href;
};
const orderId = (n: number) => `0198c0de-0000-7000-8000-${String(n).padStart(12, "0")}`;

async function withClient<R>(url: string, work: (client: pg.Client) => Promise<R>): Promise<R> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

if (postgres === undefined)
  console.warn("\n  !! TEST_POSTGRES_URL is not set: inventory.changes on PostgreSQL is not tested\n");

for (const kind of postgres === undefined ? ["sqlite"] : ["sqlite", "postgres"])
  describe(`inventory.changes on ${kind}`, () => {
    let store: TestStore;
    const clock = testClock();

    beforeEach(async () => {
      if (kind === "postgres")
        await withClient(postgres as string, (client) => client.query(`create database ${name}`));
      store = await startStore({
        services: ["inventory"],
        extra: standIns({
          "orders.holds": ({ params }) => params.orderIds.map((id) => ({ orderId: id, open: true })),
        }),
        clock,
        env: { SANDBOX: "on", ...(kind === "postgres" && { INVENTORY_DB_URL: at(name) }) },
      });
    });
    afterEach(async () => {
      await store.stop();
      if (kind === "postgres")
        await withClient(postgres as string, (client) => client.query(`drop database ${name} with (force)`));
    });

    const fill = (sku: string, onHand: number) =>
      store.call("inventory.setStock", {
        key: `${sku}-${onHand}`,
        reason: "count",
        items: [{ sku, onHand }],
      });
    const hold = (n: number, ...skus: string[]) =>
      store.call("inventory.reserve", {
        orderId: orderId(n),
        lines: skus.map((sku) => ({ sku, quantity: 1 })),
        ttlSeconds: 900,
      });
    /** As search follows it, to the end. */
    async function follow(after?: StockPosition, limit = 2) {
      const seen: Changes["data"] = [];
      for (let position = after; ;) {
        const { data, next, more } = await store.call("inventory.changes", {
          limit,
          ...(position && { after: position }),
        });
        seen.push(...data);
        position = next;
        if (!more) return { seen, next };
      }
    }
    /** Until what was told is told no more: on PostgreSQL a slower node may come between for two seconds. */
    const later = () => clock.advance(3000);

    it("reads all items page by page, and what changed meanwhile with them", async () => {
      for (const sku of ["E", "A", "C", "B", "D"]) await fill(sku, 5);
      later();
      const first = await store.call("inventory.changes", { limit: 2 });
      expect(first.data.map(({ sku }) => sku)).to.deep.equal(["A", "B"]);
      await hold(1, "A");
      const { seen } = await follow(first.next);
      expect(seen.map(({ sku }) => sku)).to.deep.equal(["C", "D", "E", "A"]);
      expect(seen.at(-1)).to.deep.equal({ sku: "A", available: 4 });
    });

    it("then tells each item that changed once, as it is now", async () => {
      for (const sku of ["A", "B", "C"]) await fill(sku, 5);
      later();
      const { next } = await follow();
      await hold(1, "C", "B");
      await store.call("inventory.release", { orderId: orderId(1) });
      await hold(2, "B");
      await store.call("inventory.ship", { orderId: orderId(2) });
      await store.call("inventory.restock", {
        orderId: orderId(2),
        returnId: orderId(3),
        lines: [{ sku: "A", quantity: 2 }],
      });
      later();
      const told = await follow(next, 100);
      expect(told.seen).to.have.deep.members([
        { sku: "C", available: 5 },
        { sku: "B", available: 4 },
        { sku: "A", available: 7 },
      ]);
      expect((await follow(told.next)).seen).to.deep.equal([]);
    });

    it("goes through a long log page by page", async () => {
      await fill("A", 100);
      later();
      const { next } = await follow();
      for (let n = 1; n <= 5; n++) await hold(n, "A");
      later();
      const { data, more } = await store.call("inventory.changes", { after: next, limit: 2 });
      expect({ data, more }).to.deep.equal({ data: [{ sku: "A", available: 95 }], more: true });
      expect((await follow(next)).seen).to.have.length(3);
    });

    it("begins anew for a reader whose last event is gone, though the log has as many again", async () => {
      await fill("A", 5);
      await fill("B", 5);
      later();
      const { next } = await follow();
      await store.call("inventory.wipe", {});
      for (const n of [1, 2, 3]) await hold(n, "B");
      const { seen } = await follow(next);
      expect(seen.slice(0, 2)).to.deep.equal([
        { sku: "A", available: 5 },
        { sku: "B", available: 2 },
      ]);
    });

    if (kind === "postgres")
      it("misses nothing that became visible after what was told later", async () => {
        await fill("A", 5);
        await fill("B", 5);
        later();
        const { next } = await follow();
        await withClient(at(name), async (slow) => {
          await slow.query("begin");
          await slow.query("update items set on_hand = 9 where sku = 'B'");
          await slow.query(
            `insert into events (id, type, entity, version, at, payload) values ($1, 'inventory.received', 'B', 3, $2, '{"sku":"B"}')`,
            [orderId(77), new Date(clock.now()).toISOString()],
          );
          await hold(1, "A");
          const early = await follow(next);
          expect(early.seen).to.deep.equal([{ sku: "A", available: 4 }]);
          await slow.query("commit");
          later();
          expect((await follow(early.next)).seen).to.deep.include({ sku: "B", available: 9 });
        });
      });
  });
