import type { Ctx, Handler } from "../../contract/implement.ts";
import { sql } from "../../mixins/sql.ts";
import type { OrdersActor } from "./orders.actor.ts";
import type contract from "./orders.contract.ts";
import type { OrderStatus } from "./orders.shapes.ts";
import { holdsStock } from "./orders.status.ts";

/** How many of each kind are looked at, the oldest first. */
const most = 1000;
/** Milliseconds after which a half that is alone is somebody's business. */
const patience = 30_000;

interface Stray {
  orderId: string;
  number: string;
  kind: "charge" | "hold" | "unpaid" | "refunding";
  since: string;
  error: string | null;
}
interface Known {
  id: string;
  number: string;
  status: OrderStatus;
}
type Half = Omit<Stray, "number">;

/** The halves whose order does not stand (any more). */
async function withoutOrder({ store }: OrdersActor, halves: readonly Half[]): Promise<Stray[]> {
  if (halves.length === 0) return [];
  const ids = halves.map(({ orderId }) => ({ id: orderId }));
  const rows = await store.read.all<Known>(sql`
    select id, number, status from orders where id in (select id from (${store.read.rows({ id: "text" }, ids)}) as d)`);
  const known = new Map(rows.map((row) => [row.id, row]));
  return halves.flatMap((half) => {
    const order = known.get(half.orderId);
    const stands = order !== undefined && holdsStock(order.status);
    return stands ? [] : [{ ...half, number: order?.number ?? "" }];
  });
}

async function unpaid({ store }: OrdersActor, before: string): Promise<Stray[]> {
  const rows = await store.read.all<Omit<Stray, "kind" | "error">>(sql`
    select id as "orderId", number, placed_at as since from orders
    where status in ('confirmed', 'packed') and total <> 0 and placed_at < ${before}
    and payment not like '%"status":"authorized"%' and payment not like '%"status":"captured"%' limit ${most}`);
  return rows.map((row) => ({ ...row, kind: "unpaid", error: null }));
}

async function refunding({ store }: OrdersActor, before: string): Promise<Stray[]> {
  const rows = await store.read.all<Omit<Stray, "kind" | "error">>(sql`
    select r.order_id as "orderId", (select number from orders where id = r.order_id) as number, r.at as since
    from refunds r where r.status = 'pending' and r.at < ${before} order by r.id limit ${most}`);
  return rows.map((row) => ({ ...row, kind: "refunding", error: null }));
}

const charges = async (ctx: Ctx): Promise<Half[]> =>
  (await ctx.call("payments.unsettled", { limit: most })).map(({ orderId, since, error }) => ({
    orderId,
    since,
    error,
    kind: "charge",
  }));
const holds = async (ctx: Ctx): Promise<Half[]> =>
  (await ctx.call("inventory.held", { limit: most })).map((held) => ({ ...held, kind: "hold", error: null }));

export const strays: Handler<typeof contract, "strays", OrdersActor> = async function (ctx) {
  const before = new Date(this.clock.now() - patience).toISOString();
  const missing: string[] = [];
  const ask = async (actor: string, halves: Promise<Half[]>): Promise<Half[]> =>
    halves.catch((error: unknown) => {
      this.logger.warn(`${actor} did not say what is stuck there`, (error as Error).message);
      missing.push(actor);
      return [];
    });
  const [money, stock] = await Promise.all([ask("payments", charges(ctx)), ask("inventory", holds(ctx))]);
  const old = [...money, ...stock].filter(({ since }) => since < before);
  const found = [
    ...(await withoutOrder(this, old)),
    ...(await unpaid(this, before)),
    ...(await refunding(this, before)),
  ];
  return { data: found.sort((a, b) => (a.since < b.since ? -1 : 1)), missing };
};
