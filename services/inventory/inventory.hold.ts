import type { Outcome, SqlTx } from "../../mixins/sql.types.ts";
import type { InventoryActor } from "./inventory.actor.ts";
import { linesOf, lockItems, lockReservations, type Locked } from "./inventory.model.ts";
import { reserveBatch, type Held, type ReserveItem } from "./inventory.reserve.ts";
import { settleBatch, type Settled, type SettleItem } from "./inventory.settle.ts";

/** What is done to one order's hold: it is taken, or it ends. */
export type HoldStep = ReserveItem | SettleItem;

const ends = (step: HoldStep): step is SettleItem => "as" in step;
const takes = (step: HoldStep): step is ReserveItem => !ends(step);

async function lockAll(
  tx: SqlTx,
  taken: readonly ReserveItem[],
  ended: readonly SettleItem[],
): Promise<Locked> {
  const orders = lockReservations(
    tx,
    [...taken, ...ended].map(({ orderId }) => orderId),
  );
  const skus = taken.flatMap(({ lines }) => lines.map(({ sku }) => sku));
  if (ended.length > 0) {
    // Which items a hold gives back stands in its row: one more round trip, only when a hold ends.
    for (const row of (await orders).values())
      if (row.state === "held") skus.push(...linesOf(row).map(({ sku }) => sku));
  }
  const [known, items] = await Promise.all([orders, lockItems(tx, skus)]);
  return { known, items };
}

/**
 * Takes and ends holds in one transaction. All rows are locked at once, reservations by order id, then items by SKU: locked
 * kind by kind, two nodes whose holds cross would stand in a deadlock until PostgreSQL looks for one, a second by default.
 * What ends comes first, so that its units are there for who takes.
 */
export async function holdBatch(
  actor: InventoryActor,
  tx: SqlTx,
  steps: readonly HoldStep[],
): Promise<Outcome<Held | Settled>[]> {
  const ended = steps.filter(ends);
  const taken = steps.filter(takes);
  const locked = await lockAll(tx, taken, ended);
  const settled = ended.length > 0 ? await settleBatch(actor, tx, ended, locked) : [];
  const held = taken.length > 0 ? await reserveBatch(actor, tx, taken, locked) : [];
  let nextEnded = 0;
  let nextTaken = 0;
  return steps.map(
    (step) => (ends(step) ? settled[nextEnded++] : held[nextTaken++]) as Outcome<Held | Settled>,
  );
}
