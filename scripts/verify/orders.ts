import { mayMove } from "../../services/orders/orders.status.ts";
import type { OrderStatus } from "../../services/orders/orders.shapes.ts";
import { count, found, rowsOf, type Check } from "./check.ts";

const i4: Check = {
  id: "I4",
  title: "one order per cart, and a converted cart is closed",
  async run(sources) {
    const orders = sources.databases.of("orders");
    const doubled = await found<{ cart_id: string; n: number }>(
      orders,
      "select cart_id, count(*) as n from orders where cart_id is not null and status not in ('rejected', 'expired') group by cart_id having count(*) > 1",
      (row) => `cart ${row.cart_id} has ${row.n} orders`,
    );
    const ordered = await rowsOf<{ cart_id: string }>(
      sources,
      "orders",
      "select cart_id from orders where cart_id is not null and status not in ('pending', 'rejected', 'expired')",
    );
    const open = new Set(
      (await rowsOf<{ id: string }>(sources, "carts", "select id from carts where status = 'open'")).map(
        (row) => row.id,
      ),
    );
    const waiting = new Set(
      (
        await rowsOf<{ entity: string }>(
          sources,
          "orders",
          "select distinct e.payload as entity from outbox o join events e on e.id = o.event_id where o.subscriber = 'carts'",
        )
      ).map((row) => cartOf(row.entity)),
    );
    const left = ordered
      .filter((row) => open.has(row.cart_id) && !waiting.has(row.cart_id))
      .map((row) => `cart ${row.cart_id} is ordered and still open`);
    return { counted: `${ordered.length} ordered carts`, violations: [...doubled, ...left] };
  },
};

const cartOf = (payload: string): string => (JSON.parse(payload) as { cartId: string | null }).cartId ?? "";

const i8: Check = {
  id: "I8",
  title: "total = sum(price x quantity) + shipping + tax - discount",
  async run(sources) {
    const orders = sources.databases.of("orders");
    const violations = await found<{ id: string }>(
      orders,
      `select o.id from orders o left join (select order_id, sum(unit_price * quantity) as goods from order_lines group by order_id) l on l.order_id = o.id
       where l.goods is null or o.subtotal <> l.goods or o.total <> o.subtotal + o.shipping + o.tax - o.discount`,
      (row) => `order ${row.id} does not add up`,
    );
    return { counted: `${await count(sources, "orders", "orders")} orders`, violations };
  },
};

/** What an order event means for the status; others leave it as it is. */
const statusAfter: Record<string, OrderStatus> = {
  placed: "pending",
  confirmed: "confirmed",
  rejected: "rejected",
  expired: "expired",
  packed: "packed",
  shipped: "shipped",
  delivered: "delivered",
  cancelled: "cancelled",
  returned: "returned",
};

interface EventRow {
  order_id: string;
  version: number;
  type: string;
  status: OrderStatus;
  current: number;
}

function walk(id: string, events: readonly EventRow[]): string[] {
  const gaps = events
    .filter((event, i) => event.version !== i + 1)
    .map(() => `order ${id}: its versions have a gap`);
  let status: OrderStatus | undefined;
  const moves: string[] = [];
  for (const { type } of events) {
    const next = statusAfter[type];
    if (next === undefined || next === status) continue;
    if (status === undefined ? next !== "pending" : !mayMove(status, next))
      moves.push(`order ${id} went from ${status ?? "nothing"} to ${next}`);
    status = next;
  }
  const last = events.at(-1);
  if (last && (last.status !== status || last.current !== last.version))
    moves.push(`order ${id} is ${last.status}, its events say ${status ?? "nothing"}`);
  return [...gaps.slice(0, 1), ...moves];
}

const i12: Check = {
  id: "I12",
  title: "orders move along the chart, versions without a gap",
  async run(sources) {
    const rows = await rowsOf<EventRow>(
      sources,
      "orders",
      "select e.order_id, e.version, e.type, o.status, o.version as current from orders o left join order_events e on e.order_id = o.id order by o.id, e.version",
    );
    const violations: string[] = [];
    let start = 0;
    for (let i = 1; i <= rows.length; i++) {
      if (i < rows.length && rows[i]?.order_id === rows[start]?.order_id) continue;
      violations.push(...walk(rows[start]?.order_id ?? "", rows.slice(start, i)));
      start = i;
    }
    return { counted: `${rows.length} order events`, violations };
  },
};

const i13: Check = {
  id: "I13",
  title: "coupon uses within their limits, one per order",
  async run(sources) {
    const orders = sources.databases.of("orders");
    const violations = [
      ...(await found<{ code: string }>(
        orders,
        "select c.code from coupons c left join (select code, count(*) as n from coupon_uses group by code) u on u.code = c.code where c.uses <> coalesce(u.n, 0) or (c.max_uses is not null and coalesce(u.n, 0) > c.max_uses)",
        (row) => `coupon ${row.code}: its uses are not those of the orders, or above the limit`,
      )),
      ...(await found<{ code: string }>(
        orders,
        "select u.code from coupon_uses u join coupons c on c.code = u.code where c.max_uses_per_customer is not null group by u.code, u.customer, c.max_uses_per_customer having count(*) > c.max_uses_per_customer",
        (row) => `coupon ${row.code}: a customer used it too often`,
      )),
      ...(await found<{ id: string }>(
        orders,
        "select o.id from orders o left join coupon_uses u on u.order_id = o.id where (o.coupon_code is not null and o.status not in ('rejected', 'expired') and u.code is null) or (o.status in ('rejected', 'expired') and u.code is not null)",
        (row) => `order ${row.id}: its coupon use does not fit its status`,
      )),
    ];
    return { counted: `${await count(sources, "orders", "coupon_uses")} uses`, violations };
  },
};

/** Invariants that the orders' own rows show. */
export const orders = { i4, i8, i12, i13 };
