import { implement } from "../../contract/implement.ts";
import type { Caller } from "../../contract/implement.ts";
import { keyset, pageOf, parseSort } from "../../mixins/keyset.ts";
import { sqlStore } from "../../mixins/sql-store.ts";
import { and, sql } from "../../mixins/sql.ts";
import type { InventoryActor } from "./inventory.actor.ts";
import { bulkStock } from "./inventory.bulk.ts";
import { changes } from "./inventory.changes.ts";
import contract from "./inventory.contract.ts";
import { skuNotFound } from "./inventory.errors.ts";
import { exportStock } from "./inventory.export.ts";
import {
  applied,
  availableOf,
  findItem,
  items,
  movements,
  readItems,
  reservations,
  toItem,
  toMovement,
} from "./inventory.model.ts";
import type { ItemRow, MovementRow } from "./inventory.model.ts";
import { holdBatch, type HoldStep } from "./inventory.hold.ts";
import { extend, reserve, type Held } from "./inventory.reserve.ts";
import { release, ship, type Settled } from "./inventory.settle.ts";
import { addMovement, restock, rowsOf, setStock } from "./inventory.stock.ts";
import { sweepApplied, sweepHolds } from "./inventory.sweep.ts";
import { wipe } from "./inventory.wipe.ts";
import migrations from "./migrations/index.ts";

/** Milliseconds between two broadcasts of changed stock, and between two sweeps of expired holds. */
const broadcastEvery = 200;
const sweepEvery = 1000;

const orderOf = ({ orderId }: { orderId: string }): string => orderId;
const forgetEvery = 600_000;

export default implement<typeof contract, InventoryActor>(contract, {
  mixins: [
    sqlStore({
      tables: { items, reservations, movements, applied },
      migrations,
      receives: {
        async "products.changed"(tx, event) {
          if (event.payload.kind !== "removed") await rowsOf(tx, event.payload.skus);
        },
      },
    }),
  ],

  methods: {
    noteStock(this: InventoryActor, rows: readonly ItemRow[]): void {
      for (const row of rows) this.unsent.set(row.sku, row.on_hand - row.reserved);
    },
  },

  actions: {
    wipe,
    async list(ctx) {
      const { limit = 20, cursor, q, lowerThan, sort = "sku" } = ctx.params;
      const by = { columns: ["sku"], falling: parseSort(sort).falling };
      const { conditions, order } = keyset(by, cursor);
      const rows = await this.store.read.all<ItemRow>(sql`
        select sku, on_hand, reserved, version from items
        where ${and([
          ...conditions,
          ...(q === undefined ? [] : [sql`sku >= ${q} and sku < ${`${q}\u{10ffff}`}`]),
          ...(lowerThan === undefined ? [] : [sql`on_hand - reserved < ${lowerThan}`]),
        ])} order by ${order} limit ${limit + 1}`);
      return pageOf(rows, limit, by, toItem);
    },

    async get(ctx) {
      const row = await findItem(this.store.read, ctx.params.sku);
      if (!row) throw skuNotFound();
      return toItem(row);
    },

    async movements(ctx) {
      const { sku, limit = 20, cursor } = ctx.params;
      const by = { columns: ["id"], falling: true };
      const { conditions, order } = keyset(by, cursor);
      const rows = await this.store.read.all<MovementRow>(sql`
        select * from movements where ${and([sql`sku = ${sku}`, ...conditions])} order by ${order} limit ${limit + 1}`);
      return pageOf(rows, limit, by, toMovement);
    },

    async available(ctx) {
      const { skus } = ctx.params;
      const items = await readItems(this.store.read, skus);
      return skus.map((sku) => availableOf(sku, items.get(sku)));
    },

    async held(ctx) {
      return this.store.read.all<{ orderId: string; since: string }>(sql`
        select order_id as "orderId", created_at as since from reservations
        where state = 'held' order by expires_at limit ${ctx.params.limit}`);
    },

    addMovement,
    bulkStock,
    changes,
    exportStock,
    reserve,
    extend,
    release,
    ship,
    restock,
    setStock,
  },

  created() {
    this.unsent = new Map();
    this.timers = [];
  },

  started() {
    const hold = this.store.batch<HoldStep, Held | Settled>(
      "hold",
      (tx, steps) => holdBatch(this, tx, steps),
      orderOf,
    );
    this.batches = {
      reserve: (item) => hold(item) as Promise<Held>,
      settle: (item) => hold(item) as Promise<Settled>,
    };
    const tell = () => {
      if (this.unsent.size === 0) return;
      const changed = [...this.unsent].map(([sku, available]) => ({ sku, available }));
      this.unsent.clear();
      void (this.broker as unknown as Caller).broadcast("inventory.stockChanged", { items: changed });
    };
    let sweeping = false;
    const sweep = async () => {
      if (sweeping) return;
      sweeping = true;
      try {
        await sweepHolds(this);
      } catch (error) {
        this.logger.debug(`Holds are not swept now: ${(error as Error).message}`);
      } finally {
        sweeping = false;
      }
    };
    const forget = () =>
      void sweepApplied(this).catch((error: unknown) =>
        this.logger.debug(`Keys are not swept now: ${String(error)}`),
      );
    this.timers = [
      setInterval(tell, broadcastEvery),
      setInterval(() => void sweep(), sweepEvery),
      setInterval(forget, forgetEvery),
    ];
  },

  stopped() {
    this.timers.forEach(clearInterval);
  },
});
