import type { Handler } from "../../contract/implement.ts";
import { sql } from "../../mixins/sql.ts";
import { wipeTables } from "../../mixins/wipe.ts";
import type { InventoryActor } from "./inventory.actor.ts";
import type contract from "./inventory.contract.ts";
import type { ItemRow } from "./inventory.model.ts";

/** Holds go, and what was held is free; the shelf stays as it is, with its movements. */
export const wipe: Handler<typeof contract, "wipe", InventoryActor> = async function () {
  let freed: ItemRow[] = [];
  const answer = await wipeTables(this, ["reservations"], async (tx) => {
    freed = await tx.all<ItemRow>(sql`
      update items set reserved = 0, version = version + 1 where reserved > 0 returning *`);
  });
  this.noteStock(freed);
  return answer;
};
