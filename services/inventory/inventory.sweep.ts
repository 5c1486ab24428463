import { sql } from "../../mixins/sql.ts";
import { inBatches } from "../../mixins/sweep-events.ts";
import type { Caller } from "../../contract/implement.ts";
import type { InventoryActor } from "./inventory.actor.ts";

/** How long a hold of an order that is still open is kept on after its time, in milliseconds. */
const extension = 15 * 60_000;
const batch = 500;

/**
 * Ends the holds whose time is over. The orders actor decides: an order that is still open keeps its stock (the hold is
 * extended), a closed or unknown one loses it. When orders cannot be asked, nothing is given back.
 */
export async function sweepHolds(actor: InventoryActor): Promise<number> {
  const due = await actor.store.read.all<{ order_id: string }>(sql`
    select order_id from reservations where state = 'held' and expires_at <= ${actor.clock.now()}
    order by expires_at limit ${batch}`);
  if (due.length === 0) return 0;
  const orderIds = due.map((row) => row.order_id);
  const answers = await (actor.broker as unknown as Caller).call("orders.holds", { orderIds });
  const open = answers.filter((answer) => answer.open).map((answer) => answer.orderId);
  const closed = new Set(orderIds).difference(new Set(open));
  await extendAll(actor, open);
  const settled = await Promise.allSettled(
    [...closed].map((orderId) => actor.batches.settle({ orderId, as: "released" })),
  );
  for (const result of settled) if (result.status === "fulfilled") actor.noteStock(result.value.touched);
  return closed.size;
}

/** Milliseconds after which no import is repeated any more. */
const importsKept = 30 * 24 * 3600_000;

/** Forgets the keys of old imports. Those of returns stay: a return may be received again as long as its order is there. */
export async function sweepApplied(actor: InventoryActor): Promise<void> {
  const before = new Date(actor.clock.now() - importsKept).toISOString();
  await inBatches((limit) =>
    actor.store.write((tx) =>
      tx.run(sql`
        delete from applied where key in (
          select key from applied where at < ${before} and key >= 'set:' and key < 'set;' order by at limit ${limit})`),
    ),
  );
}

async function extendAll(actor: InventoryActor, orderIds: readonly string[]): Promise<void> {
  if (orderIds.length === 0) return;
  const until = actor.clock.now() + extension;
  const ids = orderIds.map((id) => ({ id }));
  await actor.store.write((tx) =>
    tx.run(sql`
      update reservations set expires_at = ${until} where state = 'held' and expires_at < ${until}
      and order_id in (select id from (${tx.rows({ id: "text" }, ids)}) as d)`),
  );
}
