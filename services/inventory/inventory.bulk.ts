import { Bulk, type GoodRow } from "../../contract/bulk.ts";
import { versionMismatch } from "../../contract/errors.ts";
import type { Handler } from "../../contract/implement.ts";
import type { SqlTx } from "../../mixins/sql.types.ts";
import { sql } from "../../mixins/sql.ts";
import type { InventoryActor } from "./inventory.actor.ts";
import type contract from "./inventory.contract.ts";
import { StockRow } from "./inventory.contract.ts";
import { stockBelowReserved } from "./inventory.errors.ts";
import { movements, saveItems, type ItemRow, type MovementRow } from "./inventory.model.ts";
import { move, publishReceived, rowsOf } from "./inventory.stock.ts";

type Rows = Bulk<StockRow>;

/** What a row makes of its locked stock; a refusal is thrown. */
function count(
  actor: InventoryActor,
  item: ItemRow,
  { row }: GoodRow<StockRow>,
  by: string,
): MovementRow | undefined {
  if (row.version !== undefined && row.version !== item.version) throw versionMismatch();
  if (row.onHand < item.reserved) throw stockBelowReserved(item.on_hand, item.reserved);
  const quantity = row.onHand - item.on_hand;
  if (quantity === 0) return undefined;
  return move(actor, item, { kind: "adjust", quantity, reason: row.reason ?? "Bulk count", by });
}

const known = async (tx: SqlTx, skus: readonly { sku: string }[]): Promise<ReadonlySet<string>> => {
  const rows = await tx.all<{ sku: string }>(
    sql`select sku from items where sku in (select sku from (${tx.rows({ sku: "text" }, skus)}) as wanted)`,
  );
  return new Set(rows.map(({ sku }) => sku));
};

/** Sets what is on hand, a request in one transaction; what already is so is left alone, so a repeat changes nothing. */
export const bulkStock: Handler<typeof contract, "bulkStock", InventoryActor> = async function (ctx) {
  const { meta } = ctx;
  const by = meta.caller?.id ?? "system";
  const { bulk, changed } = await this.store.write(async (tx) => {
    const rows: Rows = new Bulk<StockRow>(StockRow, ctx.params.rows, "sku", ({ sku }) => sku);
    const skus = rows.good.map(({ key }) => ({ sku: key }));
    const before = await known(tx, skus);
    const items = await rowsOf(
      tx,
      skus.map(({ sku }) => sku),
    );
    const made: MovementRow[] = [];
    for (const one of rows.good) {
      const item = items.get(one.key) as ItemRow;
      const was = { onHand: item.on_hand };
      try {
        const movement = count(this, item, one, by);
        if (movement) {
          made.push(movement);
          publishReceived(tx, item, movement.quantity);
          const states = { before: was, after: { onHand: item.on_hand, reason: movement.reason } };
          tx.audit({ action: "inventory.bulkStock", entity: "stock", entityId: one.key, ...states, meta });
        }
        const status = !before.has(one.key) ? "created" : movement ? "updated" : "unchanged";
        rows.done(one, status, item.version);
      } catch (error) {
        rows.failed(one, error);
      }
    }
    const touched = made.map(({ sku }) => items.get(sku) as ItemRow);
    await saveItems(tx, touched);
    await tx.insert(
      "movements",
      movements,
      made.map((row) => ({ ...row })),
    );
    return { bulk: rows, changed: touched };
  });
  this.noteStock(changed);
  return bulk.result();
};
