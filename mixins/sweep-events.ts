import { sql } from "./sql.ts";
import type { SqlStore } from "./sql.types.ts";

/** Milliseconds that a delivered event stays in the log of its actor. The feed of integrators keeps events of its own. */
const KEPT_MS = 30 * 24 * 3600 * 1000;
/** Events of one transaction, so that the mailbox never waits for long. */
const BATCH = 1000;

/** The least id that is made at this time or later: ids begin with their milliseconds. */
export function idAt(ms: number): string {
  const time = ms.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}`;
}

/** Removes rows batch by batch. */
export async function inBatches(remove: (limit: number) => Promise<number>): Promise<void> {
  while ((await remove(BATCH)) >= BATCH);
}

/**
 * Forgets events that are old and that every subscriber has taken. Those that still wait (or are parked) stay; when very many do,
 * somebody is away, and nothing is forgotten.
 */
export async function sweepEvents(store: SqlStore, now: number): Promise<void> {
  const before = idAt(now - KEPT_MS);
  const old = await store.read.get(sql`select id from events where id < ${before} order by id limit 1`);
  if (old === undefined) return;
  const waiting = await store.read.all<{ id: string }>(
    sql`select distinct event_id as id from outbox where event_id < ${before} limit ${BATCH}`,
  );
  if (waiting.length === BATCH) return;
  await inBatches((limit) =>
    store.write(async (tx) => {
      await tx.run(sql`
        insert into swept (name, before) values ('events', ${before}) on conflict (name) do update set before = ${before}`);
      const kept =
        waiting.length === 0
          ? sql``
          : sql`and id not in (select id from (${tx.rows({ id: "text" }, waiting)}) as w)`;
      return tx.run(sql`
        delete from events where id in (select id from events where id < ${before} ${kept} order by id limit ${limit})`);
    }),
  );
}
