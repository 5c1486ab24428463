import type { Handler } from "../../contract/implement.ts";
import { sql } from "../../mixins/sql.ts";
import type { OrdersActor } from "./orders.actor.ts";
import type contract from "./orders.contract.ts";
import { holdsStock } from "./orders.status.ts";
import type { OrderStatus } from "./orders.shapes.ts";

/** Which orders still need their stock; inventory asks before it frees a hold whose time is over. */
export const holds: Handler<typeof contract, "holds", OrdersActor> = async function (ctx) {
  const { orderIds } = ctx.params;
  const ids = orderIds.map((id) => ({ id }));
  const rows = await this.store.read.all<{ id: string; status: OrderStatus }>(sql`
    select id, status from orders where id in (select id from (${this.store.read.rows({ id: "text" }, ids)}) as d)`);
  const status = new Map(rows.map((row) => [row.id, row.status]));
  return orderIds.map((orderId) => {
    const known = status.get(orderId);
    return { orderId, open: known !== undefined && holdsStock(known) };
  });
};

/** While it stands (or waits for its payment), the cart belongs to it. */
export const ofCart: Handler<typeof contract, "ofCart", OrdersActor> = async function (ctx) {
  const row = await this.store.read.get<{ id: string }>(sql`
    select id from orders where cart_id = ${ctx.params.cartId} and status not in ('rejected', 'expired') limit 1`);
  return row?.id ?? null;
};

export const hasBought: Handler<typeof contract, "hasBought", OrdersActor> = async function (ctx) {
  const { customerId, productId } = ctx.params;
  const row = await this.store.read.get(sql`
    select o.id from orders o join order_lines l on l.order_id = o.id
    where o.customer_id = ${customerId} and l.product_id = ${productId}
    and o.status in ('confirmed', 'packed', 'shipped', 'delivered', 'returned') limit 1`);
  return row !== undefined;
};

interface StuckRow {
  order_id: string;
  number: string;
  kind: string;
  since: string;
  attempts: number;
  error: string | null;
}

/** Milliseconds after which a process that has not ended is somebody's business. */
const patience = 30_000;

export const stuck: Handler<typeof contract, "stuck", OrdersActor> = async function (ctx) {
  const { limit = 50 } = ctx.params;
  const old = new Date(this.clock.now() - patience).toISOString();
  const sagas = await this.store.read.all<StuckRow>(sql`
    select s.order_id, (select number from orders where id = s.order_id) as number, case when s.step = 'waiting' then 'payment' else 'saga' end as kind, s.created_at as since, s.attempts, s.error
    from sagas s where s.created_at < ${old} order by s.created_at limit ${limit}`);
  const refunds = await this.store.read.all<StuckRow>(sql`
    select r.order_id, (select number from orders where id = r.order_id) as number, 'refund' as kind, r.at as since, 0 as attempts, null as error
    from refunds r where r.status = 'failed' order by r.id desc limit ${limit}`);
  const data = [...sagas, ...refunds].map(({ order_id: orderId, kind, ...row }) => ({
    ...row,
    orderId,
    kind: kind as "saga" | "refund" | "payment",
  }));
  return { data };
};
