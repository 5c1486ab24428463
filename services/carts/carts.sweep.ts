import { sql } from "../../mixins/sql.ts";
import type { CartsActor } from "./carts.actor.ts";

/** Carts of one transaction, so that a sweep keeps nobody waiting. */
const most = 500;

/** Forgets carts whose time is over, whatever became of them. @returns how many */
export async function sweepCarts(actor: CartsActor): Promise<number> {
  const now = actor.clock.now();
  let all = 0;
  for (;;) {
    const gone = await actor.store.write((tx) =>
      tx.run(sql`
        delete from carts where id in (select id from carts where expires_at <= ${now} order by expires_at limit ${most})`),
    );
    all += gone;
    if (gone < most) return all;
  }
}
