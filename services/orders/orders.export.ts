import type { Static } from "typebox";
import type { Address } from "../../contract/shapes.ts";
import type { Handler } from "../../contract/implement.ts";
import { decodeCursor, encodeCursor } from "../../mixins/cursor.ts";
import { and, sql, type Sql } from "../../mixins/sql.ts";
import type { SqlReader } from "../../mixins/sql.types.ts";
import type { OrdersActor } from "./orders.actor.ts";
import type contract from "./orders.contract.ts";
import { toLine, toSummary, type LineRow, type OrderRow } from "./orders.model.ts";
import type { ExportedOrder, OrderLine, OrderPayment } from "./orders.shapes.ts";
import { utc } from "./orders.time.ts";

/** Orders of one part; with their lines one part is some thousand rows. */
const pageSize = 500;

async function linesOf(reader: SqlReader, orders: readonly OrderRow[]): Promise<Map<string, OrderLine[]>> {
  const ids = orders.map(({ id }) => ({ id }));
  const currency = new Map(orders.map((order) => [order.id, order.currency]));
  const rows = await reader.all<LineRow & { order_id: string }>(sql`
    select * from order_lines where order_id in (select id from (${reader.rows({ id: "text" }, ids)}) as d)
    order by order_id, position`);
  const lines = new Map<string, OrderLine[]>(ids.map(({ id }) => [id, []]));
  for (const row of rows) lines.get(row.order_id)?.push(toLine(row, currency.get(row.order_id) ?? ""));
  return lines;
}

function toExported(row: OrderRow, lines: OrderLine[]): Static<typeof ExportedOrder> {
  const money = (amount: number) => ({ amount, currency: row.currency });
  return {
    ...toSummary(row),
    subtotal: money(row.subtotal),
    discount: money(row.discount),
    shipping: money(row.shipping),
    tax: money(row.tax),
    couponCode: row.coupon_code,
    shippingMethod: row.shipping_method,
    paymentStatus: (JSON.parse(row.payment) as OrderPayment).status,
    shippingAddress: JSON.parse(row.address) as Address,
    updatedAt: row.updated_at,
    lines,
  };
}

/** One part of the orders with their lines, oldest first. */
export const exportOrders: Handler<typeof contract, "exportOrders", OrdersActor> = async function (ctx) {
  const { after, status, from, to } = ctx.params;
  const { read } = this.store;
  const conditions: Sql[] = [
    ...(after === undefined ? [] : [sql`id > ${decodeCursor(after, ["string"])[0]}`]),
    ...(status === undefined ? [] : [sql`status = ${status}`]),
    ...(from === undefined ? [] : [sql`placed_at >= ${utc(from, "/from")}`]),
    ...(to === undefined ? [] : [sql`placed_at < ${utc(to, "/to")}`]),
  ];
  const rows = await read.all<OrderRow>(
    sql`select * from orders where ${and(conditions)} order by id limit ${pageSize}`,
  );
  const lines = await linesOf(read, rows);
  const data = rows.map((row) => toExported(row, lines.get(row.id) ?? []));
  return { data, next: rows.length < pageSize ? null : encodeCursor([rows.at(-1)?.id ?? ""]) };
};
