import type { Delivery } from "../contract/actor-actions.ts";
import { lookupOf } from "./row-lookup.ts";
import { sql, type Sql } from "./sql.ts";
import { idAt } from "./sweep-events.ts";
import { reasonOf, typeOf } from "./store-errors.ts";
import type { Row, SqlTx, Table } from "./sql.types.ts";
import type { Tx } from "./transaction.ts";

const columns: Table = { event_id: "text", type: "text", at: "text" };
const taken = lookupOf<{ event_id: string }>("inbox", "event_id", "event_id", false);
/** Longer than any sender keeps an event. */
const KEPT_MS = 32 * 24 * 3600 * 1000;

/** Works one event in the transaction that writes its inbox row. */
type Receive = (tx: SqlTx, event: Delivery) => Promise<void>;

export interface Received {
  done: string[];
  failed: { id: string; message: string }[];
}

/** The store itself cannot work now, so the whole delivery is to come again. */
const isOutage = (error: unknown): boolean =>
  ["STORE_UNAVAILABLE", "STORE_CONFLICT"].includes(typeOf(error) ?? "");

async function known(tx: SqlTx, events: readonly Delivery[]): Promise<Set<string>> {
  const rows = await tx.find(
    taken,
    events.map(({ id }) => id),
  );
  return new Set(rows.map(({ event_id }) => event_id));
}

/**
 * Takes a delivery event by event. One whose handler throws fails alone, and holds the later events of its entity back
 * (they are neither `done` nor `failed`).
 */
async function receiveEach(
  tx: Tx,
  events: readonly Delivery[],
  handler: Receive,
  at: string,
): Promise<Received> {
  const done = await known(tx, events);
  const held = new Set<string>();
  const failed: Received["failed"] = [];
  const fresh: Row[] = [];
  for (const event of events) {
    if (done.has(event.id) || held.has(event.entity)) continue;
    try {
      await tx.scope(1, (scope) => handler(scope, event));
      done.add(event.id);
      fresh.push({ event_id: event.id, type: event.type, at });
    } catch (error) {
      if (isOutage(error) || tx.failure !== undefined) throw error;
      held.add(event.entity);
      failed.push({ id: event.id, message: reasonOf(error) });
    }
  }
  await tx.insert("inbox", columns, fresh);
  return { done: [...done], failed };
}

/**
 * Takes a delivery: each event has its effect once, however often it comes. All go by one call of `work`; when that throws,
 * event by event, so that only the guilty one fails.
 */
export async function receiveAll(
  tx: Tx,
  events: readonly Delivery[],
  work: (tx: SqlTx, fresh: readonly Delivery[]) => Promise<void>,
  at: string,
): Promise<Received> {
  const done = await known(tx, events);
  const seen = new Set(done);
  const fresh = events.filter(({ id }) => !seen.has(id) && seen.add(id));
  if (fresh.length === 0) return { done: [...done], failed: [] };
  try {
    await tx.scope(1, (scope) => work(scope, fresh));
  } catch (error) {
    if (isOutage(error) || tx.failure !== undefined) throw error;
    return receiveEach(tx, events, (scope, event) => work(scope, [event]), at);
  }
  await tx.insert(
    "inbox",
    columns,
    fresh.map(({ id, type }) => ({ event_id: id, type, at })),
  );
  return { done: events.map(({ id }) => id), failed: [] };
}

/** Forgets events so old that no sender still has them; ids begin with the time, so the primary key finds them. */
export const sweepInbox = (now: number, limit: number): Sql => sql`
  delete from inbox where event_id in (
    select event_id from inbox where event_id < ${idAt(now - KEPT_MS)} order by event_id limit ${limit})`;
