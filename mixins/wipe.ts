import { refuse } from "../contract/errors.ts";
import { raw, sql } from "./sql.ts";
import type { StoreActor } from "./sql-actions.ts";
import type { SqlActor, SqlTx } from "./sql.types.ts";

/** What every store keeps beside its tables. Audit entries on their way are no part of what was tried out. */
async function wipeStore(tx: SqlTx): Promise<void> {
  await tx.run(sql`delete from outbox where type <> 'audit.entry'`);
  for (const table of ["events", "idempotency"]) await tx.run(sql`delete from ${raw(table)}`);
}

/**
 * Empties these tables and the actor's queues in one transaction; `more` puts right what else depends on them.
 * @returns how many rows the tables had
 * @throws 404 outside a sandbox
 */
export function wipeTables(
  actor: SqlActor,
  tables: readonly string[],
  more: (tx: SqlTx) => Promise<unknown> = () => Promise.resolve(),
): Promise<{ removed: number }> {
  if (!actor.config.sandbox) throw refuse(404, "SANDBOX_OFF", "This store is not a sandbox.");
  return actor.store.write(async (tx) => {
    let removed = 0;
    for (const table of tables) removed += await tx.run(sql`delete from ${raw(table)}`);
    await wipeStore(tx);
    tx.committed(() => (actor as StoreActor).$kernel?.relay.wiped());
    await more(tx);
    return { removed };
  });
}

/** The `wipe` action of an actor that has nothing else to put right. */
export const wiper = (tables: readonly string[], more?: (tx: SqlTx) => Promise<unknown>) =>
  function wipe(this: SqlActor): Promise<{ removed: number }> {
    return wipeTables(this, tables, more);
  };
