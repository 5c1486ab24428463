import type { Handler } from "../../contract/implement.ts";
import type { Outcome, SqlTx } from "../../mixins/sql.types.ts";
import type { InventoryActor } from "./inventory.actor.ts";
import type contract from "./inventory.contract.ts";
import { holdClosed } from "./inventory.errors.ts";
import { linesOf, movements, reservations, saveItems, saveReservations } from "./inventory.model.ts";
import type { ItemRow, Locked, MovementRow, ReservationRow } from "./inventory.model.ts";

/** How a hold ends: its units go back to the shelf, or out of the house. */
export interface SettleItem {
  orderId: string;
  as: "released" | "shipped";
}

export interface Settled {
  done: boolean;
  touched: ItemRow[];
}

interface Work {
  items: Map<string, ItemRow>;
  changed: Set<ItemRow>;
  settled: ReservationRow[];
  tombstones: ReservationRow[];
  moved: MovementRow[];
}

function giveBackOrShip(
  actor: InventoryActor,
  tx: SqlTx,
  work: Work,
  row: ReservationRow,
  as: SettleItem["as"],
): Settled {
  const lines = linesOf(row);
  const touched = lines.map(({ sku, quantity }) => {
    const item = work.items.get(sku) as ItemRow;
    item.reserved -= quantity;
    item.version += 1;
    if (as === "shipped") {
      item.on_hand -= quantity;
      const kind = "ship" as const;
      work.moved.push({
        id: actor.newId(),
        sku,
        kind,
        quantity: -quantity,
        reason: "",
        order_id: row.order_id,
        at: actor.timestamp(),
        made_by: "orders",
      });
    }
    return item;
  });
  row.state = as;
  work.settled.push(row);
  touched.forEach((item) => work.changed.add(item));
  tx.publish(
    as === "shipped" ? "inventory.shipped" : "inventory.released",
    { entity: row.order_id, version: 2 },
    { orderId: row.order_id, lines },
  );
  return { done: true, touched };
}

/** One order's end, decided in memory; a repeat is harmless, and shipping what was given back is refused. */
function settleOne(
  actor: InventoryActor,
  tx: SqlTx,
  work: Work,
  known: Map<string, ReservationRow>,
  call: SettleItem,
): Outcome<Settled> {
  const row = known.get(call.orderId);
  if (!row) {
    if (call.as === "shipped") return { error: holdClosed() };
    const tombstone = { order_id: call.orderId, lines: "[]", state: "released", expires_at: 0 } as const;
    work.tombstones.push(tombstone);
    known.set(call.orderId, tombstone);
    return { ok: { done: false, touched: [] } };
  }
  if (row.state === call.as) return { ok: { done: false, touched: [] } };
  if (row.state !== "held") return { error: holdClosed() };
  return { ok: giveBackOrShip(actor, tx, work, row, call.as) };
}

/** Ends holds whose rows the batch has locked. */
export async function settleBatch(
  actor: InventoryActor,
  tx: SqlTx,
  calls: readonly SettleItem[],
  { known, items }: Locked,
): Promise<Outcome<Settled>[]> {
  const work: Work = { items, changed: new Set(), settled: [], tombstones: [], moved: [] };
  const outcomes = calls.map((call) => settleOne(actor, tx, work, known, call));
  await saveReservations(tx, work.settled);
  const createdAt = actor.timestamp();
  await tx.insert(
    "reservations",
    reservations,
    work.tombstones.map((row) => ({ ...row, created_at: createdAt })),
  );
  await tx.insert(
    "movements",
    movements,
    work.moved.map((row) => ({ ...row })),
  );
  await saveItems(tx, [...work.changed]);
  return outcomes;
}

export const release: Handler<typeof contract, "release", InventoryActor> = async function (ctx) {
  const settled = await this.batches.settle({ orderId: ctx.params.orderId, as: "released" });
  this.noteStock(settled.touched);
  return { released: settled.done };
};

export const ship: Handler<typeof contract, "ship", InventoryActor> = async function (ctx) {
  const settled = await this.batches.settle({ orderId: ctx.params.orderId, as: "shipped" });
  return { shipped: settled.done };
};
