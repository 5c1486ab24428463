import { refuse } from "../../contract/errors.ts";
import type { Ctx, Handler } from "../../contract/implement.ts";
import type { SqlTx } from "../../mixins/sql.types.ts";
import { sql } from "../../mixins/sql.ts";
import type { InventoryActor } from "./inventory.actor.ts";
import type contract from "./inventory.contract.ts";
import type { Movement } from "./inventory.contract.ts";
import { skuNotFound, stockBelowReserved } from "./inventory.errors.ts";
import { applied, items, lockItems, movements, saveItems, toMovement } from "./inventory.model.ts";
import type { ItemRow, MovementRow } from "./inventory.model.ts";

interface Change {
  kind: Movement["kind"];
  quantity: number;
  reason: string;
  by: string;
  orderId?: string;
}

/** Moves what is on hand of a locked row; the caller saves row and movement. */
export function move(actor: InventoryActor, item: ItemRow, change: Change): MovementRow {
  item.on_hand += change.quantity;
  item.version += 1;
  const { kind, quantity, reason, by, orderId = null } = change;
  return {
    id: actor.newId(),
    sku: item.sku,
    kind,
    quantity,
    reason,
    order_id: orderId,
    at: actor.timestamp(),
    made_by: by,
  };
}

const callerId = (ctx: Ctx): string => ctx.meta.caller?.id ?? "system";

export const addMovement: Handler<typeof contract, "addMovement", InventoryActor> = async function (ctx) {
  const { sku, kind, quantity, reason } = ctx.params;
  if (quantity === 0 || (kind === "receive" && quantity < 0))
    throw refuse(422, "VALIDATION_ERROR", "A receipt adds units; an adjustment changes the count.", {
      errors: [{ pointer: "/quantity", message: kind === "receive" ? "must be above 0" : "must not be 0" }],
    });
  const { row, item } = await this.store.writeOnce(ctx, async (tx) => {
    const found = (await lockItems(tx, [sku])).get(sku);
    if (!found) throw skuNotFound();
    const before = { onHand: found.on_hand };
    if (found.on_hand + quantity < found.reserved) throw stockBelowReserved(found.on_hand, found.reserved);
    const made = move(this, found, { kind, quantity, reason, by: callerId(ctx) });
    await saveItems(tx, [found]);
    await tx.insert("movements", movements, [{ ...made }]);
    publishReceived(tx, found, quantity);
    tx.audit({
      action: "inventory.addMovement",
      entity: "stock",
      entityId: sku,
      before,
      after: { onHand: found.on_hand, reason },
      meta: ctx.meta,
    });
    return { row: made, item: found };
  });
  this.noteStock([item]);
  return toMovement(row);
};

export const publishReceived = (tx: SqlTx, item: ItemRow, quantity: number) =>
  tx.publish(
    "inventory.received",
    { entity: item.sku, version: item.version },
    { sku: item.sku, quantity, onHand: item.on_hand, reserved: item.reserved },
  );

/** False when this key was applied before: the effect stands already. */
async function firstTime(actor: InventoryActor, tx: SqlTx, key: string): Promise<boolean> {
  if (await tx.get(sql`select key from applied where key = ${key}`)) return false;
  await tx.insert("applied", applied, [{ key, at: actor.timestamp() }]);
  return true;
}

export const restock: Handler<typeof contract, "restock", InventoryActor> = async function (ctx) {
  const { orderId, returnId, lines } = ctx.params;
  const touched = await this.store.write(async (tx) => {
    if (!(await firstTime(this, tx, `return:${returnId}`))) return [];
    const rows = await rowsOf(
      tx,
      lines.map((line) => line.sku),
    );
    const change = { kind: "restock", reason: "", by: "orders", orderId } as const;
    const made = lines.map(({ sku, quantity }) =>
      move(this, rows.get(sku) as ItemRow, { ...change, quantity }),
    );
    await saveItems(tx, [...rows.values()]);
    await tx.insert(
      "movements",
      movements,
      made.map((row) => ({ ...row })),
    );
    tx.publish("inventory.restocked", { entity: returnId, version: 1 }, { orderId, returnId, lines });
    return [...rows.values()];
  });
  this.noteStock(touched);
  return {};
};

/** Locked rows of these SKUs; those that are missing are created with nothing on hand. */
export async function rowsOf(tx: SqlTx, skus: readonly string[]): Promise<Map<string, ItemRow>> {
  const known = await lockItems(tx, skus);
  const missing = [...new Set(skus)].filter((sku) => !known.has(sku)).sort();
  if (missing.length === 0) return known;
  const fresh = missing.map((sku) => ({ sku, on_hand: 0, reserved: 0, version: 1 }));
  // `changed` is for nodes of the version before (migration 003).
  await tx.run(sql`
    insert into items (sku, on_hand, reserved, version, changed)
    select sku, on_hand, reserved, version, 0 from (${tx.rows(items, fresh)}) as d where true
    on conflict (sku) do nothing`);
  return lockItems(tx, skus);
}

export const setStock: Handler<typeof contract, "setStock", InventoryActor> = async function (ctx) {
  const { key, reason, items: counts } = ctx.params;
  const { rows, refused } = await this.store.write((tx) => count(this, tx, key, reason, counts));
  this.noteStock(rows);
  return { set: rows.length, refused };
};

/** Sets counts once per key and SKU; a count below what is held for orders is refused for that SKU alone. */
async function count(
  actor: InventoryActor,
  tx: SqlTx,
  key: string,
  reason: string,
  counts: readonly { sku: string; onHand: number }[],
) {
  const last = new Map(counts.map((item) => [item.sku, item.onHand]));
  const keys = [...last.keys()].map((sku) => ({ key: `set:${key}:${sku}` }));
  const done = await tx.all<{ key: string }>(
    sql`select key from applied where key in (select key from (${tx.rows({ key: "text" }, keys)}) as d)`,
  );
  const before = new Set(done.map((row) => row.key));
  const fresh = [...last].filter(([sku]) => !before.has(`set:${key}:${sku}`));
  const rows = await rowsOf(
    tx,
    fresh.map(([sku]) => sku),
  );
  const refused = fresh.flatMap(([sku, onHand]) => {
    const { reserved } = rows.get(sku) as ItemRow;
    return onHand < reserved ? [{ sku, reserved }] : [];
  });
  const made = fresh.flatMap(([sku, onHand]) => {
    const row = rows.get(sku) as ItemRow;
    const quantity = onHand - row.on_hand;
    return onHand < row.reserved || quantity === 0
      ? []
      : [move(actor, row, { kind: "adjust", quantity, reason, by: "import" })];
  });
  const changed = [...new Set(made.map((row) => rows.get(row.sku) as ItemRow))];
  await saveItems(tx, changed);
  await tx.insert(
    "movements",
    movements,
    made.map((row) => ({ ...row })),
  );
  const at = actor.timestamp();
  await tx.insert(
    "applied",
    applied,
    fresh.map(([sku]) => ({ key: `set:${key}:${sku}`, at })),
  );
  for (const row of made) publishReceived(tx, rows.get(row.sku) as ItemRow, row.quantity);
  return { rows: changed, refused };
}
