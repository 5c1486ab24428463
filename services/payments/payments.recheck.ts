import type { Handler } from "../../contract/implement.ts";
import { sql } from "../../mixins/sql.ts";
import type { PaymentsActor } from "./payments.actor.ts";
import type { PaymentStatus } from "./payments.contract.ts";
import type contract from "./payments.contract.ts";

interface Unsettled {
  orderId: string;
  status: PaymentStatus;
  since: string;
  error: string | null;
}

/** Both halves walk an index: what is authorized, and what the reconciliation still has to look at. */
export const unsettled: Handler<typeof contract, "unsettled", PaymentsActor> = async function (ctx) {
  const { limit } = ctx.params;
  const columns = sql`order_id as "orderId", status, created_at as since, review as error`;
  const held = await this.store.read.all<Unsettled>(
    sql`select ${columns} from payments where status = 'authorized' order by id limit ${limit}`,
  );
  const due = await this.store.read.all<Unsettled>(sql`
    select ${columns} from payments where check_at is not null and provider <> 'none' and status <> 'authorized'
    order by check_at limit ${limit}`);
  return [...held, ...due].slice(0, limit);
};

/** Only brings forward what is due anyway: an authorization that its order still needs is never touched. */
export const recheck: Handler<typeof contract, "recheck", PaymentsActor> = async function (ctx) {
  const { orderId } = ctx.params;
  const now = this.clock.now();
  const due = await this.store.write(async (tx) => {
    const payments = await tx.run(
      sql`update payments set check_at = ${now} where order_id = ${orderId} and check_at > ${now}`,
    );
    const refunds = await tx.run(
      sql`update refunds set check_at = ${now} where order_id = ${orderId} and check_at > ${now}`,
    );
    return payments + refunds;
  });
  return { due };
};
