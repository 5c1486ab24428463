import { holdClosed, outOfStock, type Shortage } from "./inventory.errors.ts";
import type { Handler } from "../../contract/implement.ts";
import type { Outcome, SqlTx } from "../../mixins/sql.types.ts";
import type contract from "./inventory.contract.ts";
import type { InventoryActor } from "./inventory.actor.ts";
import { lockReservations, reservations, saveItems, saveReservations } from "./inventory.model.ts";
import type { ItemRow, Locked, ReservationRow, UnitsOfSku } from "./inventory.model.ts";

export interface ReserveItem {
  orderId: string;
  lines: UnitsOfSku[];
  expiresAt: number;
}

export interface Held {
  orderId: string;
  expiresAt: number;
  touched: ItemRow[];
}

const shortagesOf = (items: Map<string, ItemRow>, lines: readonly UnitsOfSku[]): Shortage[] =>
  lines.flatMap(({ sku, quantity }) => {
    const row = items.get(sku);
    const available = row ? row.on_hand - row.reserved : 0;
    return available >= quantity ? [] : [{ sku, requested: quantity, available }];
  });

/** All or nothing for one order, decided in memory on rows that this transaction has locked. */
function hold(items: Map<string, ItemRow>, item: ReserveItem): Outcome<Held> {
  const short = shortagesOf(items, item.lines);
  if (short.length > 0) return { error: outOfStock(short) };
  const touched = item.lines.map(({ sku, quantity }) => {
    const row = items.get(sku) as ItemRow;
    row.reserved += quantity;
    row.version += 1;
    return row;
  });
  return { ok: { orderId: item.orderId, expiresAt: item.expiresAt, touched } };
}

/** A repeat of a hold that stands answers as the first did; one that was given back stays closed. */
function repeated(row: ReservationRow): Outcome<Held> {
  if (row.state === "released") return { error: holdClosed() };
  return { ok: { orderId: row.order_id, expiresAt: row.expires_at, touched: [] } };
}

/** Takes holds from rows that the batch has locked: one decision each, one write per table. */
export async function reserveBatch(
  actor: InventoryActor,
  tx: SqlTx,
  calls: readonly ReserveItem[],
  { known, items }: Locked,
): Promise<Outcome<Held>[]> {
  const changed = new Set<ItemRow>();
  const added = new Map<string, ReservationRow>();
  const outcomes = calls.map((call) => {
    const row = known.get(call.orderId) ?? added.get(call.orderId);
    if (row) return repeated(row);
    const outcome = hold(items, call);
    if ("ok" in outcome) {
      outcome.ok.touched.forEach((touched) => changed.add(touched));
      const { orderId, lines, expiresAt } = call;
      added.set(orderId, {
        order_id: orderId,
        lines: JSON.stringify(lines),
        state: "held",
        expires_at: expiresAt,
      });
      tx.publish("inventory.reserved", { entity: orderId, version: 1 }, { orderId, lines });
    }
    return outcome;
  });
  const createdAt = actor.timestamp();
  await tx.insert(
    "reservations",
    reservations,
    [...added.values()].map((row) => ({ ...row, created_at: createdAt })),
  );
  await saveItems(tx, [...changed]);
  return outcomes;
}

export const reserve: Handler<typeof contract, "reserve", InventoryActor> = async function (ctx) {
  const { orderId, lines, ttlSeconds } = ctx.params;
  const expiresAt = this.clock.now() + ttlSeconds * 1000;
  const held = await this.batches.reserve({ orderId, lines, expiresAt });
  this.noteStock(held.touched);
  return { orderId, expiresAt: new Date(held.expiresAt).toISOString() };
};

/** Holds that stand are kept until `ttlSeconds` from now, never shortened. */
export const extend: Handler<typeof contract, "extend", InventoryActor> = function (ctx) {
  const expiresAt = this.clock.now() + ctx.params.ttlSeconds * 1000;
  return this.store.write(async (tx) => {
    const row = (await lockReservations(tx, [ctx.params.orderId])).get(ctx.params.orderId);
    if (!row || row.state === "released") return { held: false };
    if (row.state === "held" && row.expires_at < expiresAt)
      await saveReservations(tx, [{ ...row, expires_at: expiresAt }]);
    return { held: true };
  });
};
