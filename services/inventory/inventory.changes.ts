import type { Handler } from "../../contract/implement.ts";
import { sql } from "../../mixins/sql.ts";
import type { SqlReader } from "../../mixins/sql.types.ts";
import type { InventoryActor } from "./inventory.actor.ts";
import type contract from "./inventory.contract.ts";
import type { Changes, LogPosition } from "./inventory.contract.ts";
import { availableOf, readItems, type ItemRow } from "./inventory.model.ts";

/** An event may become visible this much after its time when several nodes write (PostgreSQL); milliseconds. */
const LATENESS = 2000;
/** Events parsed, and their items read, in one turn: 3 ms, where 1000 took 20. */
const EVENTS_AT_ONCE = 150;

interface EventRow extends LogPosition {
  at: string;
  /** JSON of any event of inventory: of one SKU or of an order's lines. */
  payload: string;
}

/** What was told at this time or before is visible by now; undefined where every event is at once (SQLite). */
const visibleUntil = ({ store, clock }: InventoryActor): string | undefined =>
  store.read.dialect === "sqlite" ? undefined : new Date(clock.now() - LATENESS).toISOString();

async function endOfLog(actor: InventoryActor): Promise<LogPosition> {
  const until = visibleUntil(actor);
  const told = until === undefined ? sql`` : sql`where at <= ${until}`;
  const last = await actor.store.read.get<LogPosition>(
    sql`select seq, id from events ${told} order by seq desc limit 1`,
  );
  return last ?? { seq: 0, id: "" };
}

/** One page of all items, for a reader that goes on in the log where it ended when the first page was read. */
async function pageOfAll(
  reader: SqlReader,
  { seq, id }: LogPosition,
  after: string,
  limit: number,
): Promise<Changes> {
  const rows = await reader.all<ItemRow>(
    sql`select sku, on_hand, reserved from items where sku > ${after} order by sku limit ${limit}`,
  );
  const last = rows.length < limit ? undefined : rows.at(-1)?.sku;
  return {
    data: rows.map((row) => availableOf(row.sku, row)),
    next: last === undefined ? { seq, id } : { seq, id, sku: last },
    more: true,
  };
}

const skusOf = ({ payload }: EventRow): string[] => {
  const { sku, lines } = JSON.parse(payload) as { sku?: string; lines?: { sku: string }[] };
  return sku === undefined ? (lines ?? []).map((line) => line.sku) : [sku];
};

/** What the items of these events have now, each once. */
async function itemsOf(reader: SqlReader, events: readonly EventRow[]): Promise<Changes["data"]> {
  const skus = [...new Set(events.flatMap(skusOf))];
  const items = skus.length === 0 ? new Map<string, ItemRow>() : await readItems(reader, skus);
  return [...items.values()].map((row) => availableOf(row.sku, row));
}

/**
 * Stock by the log of events, so that an item's row needs no index of its last change, which each line of an order would
 * move. A reader whose last event is gone, as after a sandbox was wiped, begins anew.
 */
export const changes: Handler<typeof contract, "changes", InventoryActor> = async function (ctx) {
  const { after, limit } = ctx.params;
  const { read } = this.store;
  if (after === undefined) return pageOfAll(read, await endOfLog(this), "", limit);
  if (after.sku !== undefined) return pageOfAll(read, after, after.sku, limit);
  const size = Math.min(limit, EVENTS_AT_ONCE);
  const rows = await read.all<EventRow>(
    sql`select seq, id, at, payload from events where seq >= ${after.seq} order by seq limit ${size + 1}`,
  );
  const known = after.seq === 0 || rows.shift()?.id === after.id;
  if (!known) return pageOfAll(read, await endOfLog(this), "", limit);
  const until = visibleUntil(this);
  const last = rows.findLast(({ at }) => until === undefined || at <= until);
  return {
    data: await itemsOf(read, rows),
    next: last ? { seq: last.seq, id: last.id } : after,
    more: last !== undefined && rows.length >= size,
  };
};
