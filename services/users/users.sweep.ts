import { sql } from "../../mixins/sql.ts";
import type { UsersActor } from "./users.actor.ts";

const day = 24 * 60 * 60_000;
/** Milliseconds that what is over is kept, for support. */
const kept = 7 * day;
const deviceMemory = 180 * day;
const batch = 500;

/** Forgets what is over: sessions with their tokens, mailed links, devices that were not seen for long. */
export async function sweep(actor: UsersActor): Promise<void> {
  const now = actor.clock.now();
  const over = now - kept;
  const due = sql`select id from sessions where expires_at < ${over} or ended_at < ${over} order by id limit ${batch}`;
  await actor.store.write(async (tx) => {
    const ids = await tx.all<{ id: string }>(due);
    const gone = sql`(select id from (${tx.rows({ id: "text" }, ids)}) as d)`;
    if (ids.length > 0) {
      await tx.run(sql`delete from refresh_tokens where session_id in ${gone}`);
      await tx.run(sql`delete from sessions where id in ${gone}`);
    }
    await tx.run(sql`delete from tickets where expires_at < ${over}`);
    await tx.run(sql`delete from devices where seen_at < ${now - deviceMemory}`);
  });
}
