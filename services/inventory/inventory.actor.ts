import type { SqlActor } from "../../mixins/sql.types.ts";
import type { ItemRow } from "./inventory.model.ts";
import type { Held, ReserveItem } from "./inventory.reserve.ts";
import type { Settled, SettleItem } from "./inventory.settle.ts";

/** `this` of the inventory actor. */
export interface InventoryActor extends SqlActor {
  batches: {
    reserve(item: ReserveItem): Promise<Held>;
    settle(item: SettleItem): Promise<Settled>;
  };
  /** Rows whose stock changed, for the next `inventory.stockChanged`. */
  noteStock(rows: readonly ItemRow[]): void;
  /** Available units by SKU that were not broadcast yet. */
  unsent: Map<string, number>;
  timers: NodeJS.Timeout[];
}
