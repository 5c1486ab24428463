import type { SqlReader, SqlTx, Table } from "../../mixins/sql.types.ts";
import { updateOf } from "../../mixins/row-change.ts";
import { lookupOf } from "../../mixins/row-lookup.ts";
import { sql } from "../../mixins/sql.ts";
import type { InventoryItem, Movement } from "./inventory.contract.ts";

export const items = {
  sku: "text",
  on_hand: "bigint",
  reserved: "bigint",
  version: "bigint",
} as const satisfies Table;
/** One row an order; `lines` is JSON; `state` is held, released or shipped; `expires_at` in milliseconds. */
export const reservations = {
  order_id: "text",
  lines: "text",
  state: "text",
  expires_at: "bigint",
  created_at: "text",
} as const satisfies Table;
export const movements = {
  id: "text",
  sku: "text",
  kind: "text",
  quantity: "bigint",
  reason: "text",
  order_id: "text",
  at: "text",
  made_by: "text",
} as const satisfies Table;
/** Keys of effects that count once: returns put back, stock set by an import. */
export const applied = { key: "text", at: "text" } as const satisfies Table;

export interface ItemRow {
  sku: string;
  on_hand: number;
  reserved: number;
  version: number;
}

export interface ReservationRow {
  order_id: string;
  lines: string;
  state: "held" | "released" | "shipped";
  expires_at: number;
}

export interface UnitsOfSku {
  sku: string;
  quantity: number;
}

/** Units that may be sold; none of a SKU that has no item. */
export const availableOf = (sku: string, row: ItemRow | undefined): { sku: string; available: number } => ({
  sku,
  available: row === undefined ? 0 : row.on_hand - row.reserved,
});

export const linesOf = (row: ReservationRow): UnitsOfSku[] => JSON.parse(row.lines) as UnitsOfSku[];

export const toItem = (row: ItemRow): InventoryItem => ({
  sku: row.sku,
  onHand: row.on_hand,
  reserved: row.reserved,
  available: row.on_hand - row.reserved,
  version: row.version,
});

export interface MovementRow {
  id: string;
  sku: string;
  kind: Movement["kind"];
  quantity: number;
  reason: string;
  order_id: string | null;
  at: string;
  made_by: string;
}

export const toMovement = (row: MovementRow): Movement => ({
  id: row.id,
  sku: row.sku,
  kind: row.kind,
  quantity: row.quantity,
  reason: row.reason,
  ...(row.order_id === null ? {} : { orderId: row.order_id }),
  at: row.at,
  by: row.made_by,
});

const lockedItem = lookupOf<ItemRow>("items", "sku, on_hand, reserved, version", "sku", true);
const lockedReservation = lookupOf<ReservationRow>(
  "reservations",
  "order_id, lines, state, expires_at",
  "order_id",
  true,
);

const bySku = (rows: readonly ItemRow[]): Map<string, ItemRow> => new Map(rows.map((row) => [row.sku, row]));

/** Rows of these SKUs, locked. */
export async function lockItems(tx: SqlTx, skus: readonly string[]): Promise<Map<string, ItemRow>> {
  return bySku(await tx.find(lockedItem, skus));
}

/** Rows of these orders, locked. */
export async function lockReservations(
  tx: SqlTx,
  orderIds: readonly string[],
): Promise<Map<string, ReservationRow>> {
  const rows = await tx.find(lockedReservation, orderIds);
  return new Map(rows.map((row) => [row.order_id, row]));
}

/** What a batch has locked: reservations by order id, items by SKU. */
export interface Locked {
  known: Map<string, ReservationRow>;
  items: Map<string, ItemRow>;
}

const ofItem = updateOf("items", items, ["on_hand", "reserved", "version"], { sku: "sku" });
const ofReservation = updateOf("reservations", reservations, ["state", "expires_at"], {
  order_id: "order_id",
});

/** Writes back what a batch decided in memory. */
export const saveItems = (tx: SqlTx, changed: readonly ItemRow[]): Promise<void> =>
  tx.change(ofItem, changed);

export const saveReservations = (tx: SqlTx, changed: readonly ReservationRow[]): Promise<void> =>
  tx.change(ofReservation, changed);

const item = lookupOf<ItemRow>("items", "sku, on_hand, reserved, version", "sku", false);

/** Items of these SKUs as they are now. */
export async function readItems(
  reader: SqlReader,
  skus: readonly string[],
): Promise<ReadonlyMap<string, ItemRow>> {
  return bySku(await reader.find(item, skus));
}

export const findItem = (reader: SqlReader, sku: string): Promise<ItemRow | undefined> =>
  reader.get<ItemRow>(sql`select sku, on_hand, reserved, version from items where sku = ${sku}`);
