import type { Handler } from "../../contract/implement.ts";
import { decodeCursor, encodeCursor } from "../../mixins/cursor.ts";
import { sql } from "../../mixins/sql.ts";
import type { InventoryActor } from "./inventory.actor.ts";
import type contract from "./inventory.contract.ts";
import { toItem, type ItemRow } from "./inventory.model.ts";

const pageSize = 1000;

/** One part of the stock, by SKU. */
export const exportStock: Handler<typeof contract, "exportStock", InventoryActor> = async function (ctx) {
  const { after: cursor } = ctx.params;
  const [after] = cursor === undefined ? [""] : decodeCursor(cursor, ["string"]);
  const rows = await this.store.read.all<ItemRow>(
    sql`select sku, on_hand, reserved, version from items where sku > ${after} order by sku limit ${pageSize}`,
  );
  return {
    data: rows.map(toItem),
    next: rows.length < pageSize ? null : encodeCursor([rows.at(-1)?.sku ?? ""]),
  };
};
