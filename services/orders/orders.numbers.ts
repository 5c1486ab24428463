import { sql } from "../../mixins/sql.ts";
import type { OrdersActor } from "./orders.actor.ts";

/** Numbers are taken in blocks, so that no order waits for another node's; a restart leaves a gap. */
const block = 100;

async function takeBlock(actor: OrdersActor): Promise<void> {
  const end = await actor.store.write(async (tx) => {
    await tx.run(sql`update counters set next = next + ${block} where name = 'order-number'`);
    const row = await tx.get<{ next: number }>(sql`select next from counters where name = 'order-number'`);
    return row?.next ?? 0;
  });
  actor.numbers = { next: end - block, end };
}

/** The next order number for people. */
export async function takeNumber(actor: OrdersActor): Promise<string> {
  while (actor.numbers.next >= actor.numbers.end)
    await (actor.numbers.more ??= takeBlock(actor).finally(() => delete actor.numbers.more));
  return String(actor.numbers.next++);
}
