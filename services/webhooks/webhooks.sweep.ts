import { sql } from "../../mixins/sql.ts";
import type { WebhooksActor } from "./webhooks.actor.ts";

/** Milliseconds that events and the log of their deliveries are kept. */
const kept = 30 * 24 * 3600_000;
const batch = 1000;

/** Forgets what is older than 30 days, a batch per transaction, so that the mailbox never waits for long. */
export async function sweep(actor: WebhooksActor): Promise<void> {
  const before = actor.clock.now() - kept;
  const time = new Date(before).toISOString();
  const { store } = actor;
  const all = async (remove: () => Promise<number>) => {
    while ((await remove()) === batch);
  };
  await all(() =>
    store.write((tx) =>
      tx.run(
        sql`delete from feed where added_at < ${before} and seq in (select seq from feed order by seq limit ${batch})`,
      ),
    ),
  );
  await all(() =>
    store.write(async (tx) => {
      // Ids begin with the time at which they were made.
      const old = await tx.all<{ id: string }>(sql`
        select id from deliveries where created_at < ${time} and status <> 'pending'
        and id in (select id from deliveries order by id limit ${batch})`);
      if (old.length === 0) return 0;
      const ids = tx.rows({ id: "text" }, old);
      await tx.run(sql`delete from attempts where delivery_id in (select id from (${ids}) d)`);
      return tx.run(sql`delete from deliveries where id in (select id from (${ids}) d)`);
    }),
  );
}
