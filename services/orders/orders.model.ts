import { sql } from "../../mixins/sql.ts";
import type { SqlReader, SqlTx } from "../../mixins/sql.types.ts";
import type { Address, Money } from "../../contract/shapes.ts";
import type {
  Order,
  OrderEvent,
  OrderLine,
  OrderPayment,
  OrderStatus,
  OrderSummary,
  Refund,
  Return,
  ReturnStatus,
} from "./orders.shapes.ts";

export interface OrderRow {
  id: string;
  number: string;
  status: OrderStatus;
  currency: string;
  email: string;
  customer_id: string | null;
  cart_id: string | null;
  units: number;
  subtotal: number;
  discount: number;
  shipping: number;
  tax: number;
  included_tax: number;
  total: number;
  coupon_code: string | null;
  shipping_method: Order["shippingMethod"];
  address: string;
  payment: string;
  tracking: string | null;
  placed_at: string;
  updated_at: string;
  version: number;
}

export interface LineRow {
  sku: string;
  product_id: string;
  name: string;
  quantity: number;
  unit_price: number;
  total: number;
  returned: number;
  refunded: number;
}

export interface ReturnRow {
  id: string;
  order_id: string;
  status: ReturnStatus;
  lines: string;
  reason: string;
  requested_at: string;
  decided_at: string | null;
  refund_id: string | null;
  version: number;
}

interface RefundRow {
  id: string;
  amount: number;
  reason: string;
  status: Refund["status"];
  return_id: string | null;
  at: string;
}

/** An order and what only its rows know. */
export interface LoadedOrder {
  order: Order;
  cartId: string | null;
}

const money = (amount: number, currency: string): Money => ({ amount, currency });

export const toLine = (row: LineRow, currency: string): OrderLine => ({
  sku: row.sku,
  productId: row.product_id,
  name: row.name,
  quantity: row.quantity,
  unitPrice: money(row.unit_price, currency),
  total: money(row.total, currency),
  returned: row.returned,
  refunded: money(row.refunded, currency),
});

export const toReturn = (row: ReturnRow): Return => ({
  id: row.id,
  orderId: row.order_id,
  status: row.status,
  lines: JSON.parse(row.lines) as Return["lines"],
  reason: row.reason,
  requestedAt: row.requested_at,
  decidedAt: row.decided_at,
  refundId: row.refund_id,
  version: row.version,
});

const toRefund = (row: RefundRow, currency: string): Refund => ({
  id: row.id,
  amount: money(row.amount, currency),
  reason: row.reason,
  status: row.status,
  returnId: row.return_id,
  at: row.at,
});

export const toSummary = (row: OrderRow): OrderSummary => ({
  id: row.id,
  number: row.number,
  status: row.status,
  email: row.email,
  customerId: row.customer_id,
  total: money(row.total, row.currency),
  units: row.units,
  placedAt: row.placed_at,
  version: row.version,
});

/** The whole order; `lock` holds its row until the transaction ends. */
export async function loadOrder(
  reader: SqlReader | SqlTx,
  id: string,
  lock = false,
): Promise<LoadedOrder | undefined> {
  const row = await reader.get<OrderRow>(
    lock
      ? sql`select * from orders where id = ${id} ${(reader as SqlTx).forUpdate}`
      : sql`select * from orders where id = ${id}`,
  );
  if (!row) return undefined;
  const [lines, events, back, money_back] = await Promise.all([
    reader.all<LineRow>(sql`select * from order_lines where order_id = ${id} order by position`),
    reader.all<{ version: number; type: string; at: string; data: string }>(
      sql`select version, type, at, data from order_events where order_id = ${id} order by version`,
    ),
    reader.all<ReturnRow>(sql`select * from returns where order_id = ${id} order by id`),
    reader.all<RefundRow>(sql`select * from refunds where order_id = ${id} order by id`),
  ]);
  const c = row.currency;
  const order: Order = {
    id: row.id,
    number: row.number,
    status: row.status,
    currency: c,
    email: row.email,
    customerId: row.customer_id,
    lines: lines.map((line) => toLine(line, c)),
    subtotal: money(row.subtotal, c),
    discount: money(row.discount, c),
    shipping: money(row.shipping, c),
    tax: money(row.tax, c),
    includedTax: money(row.included_tax, c),
    total: money(row.total, c),
    couponCode: row.coupon_code,
    shippingMethod: row.shipping_method,
    returns: back.map(toReturn),
    refunds: money_back.map((refund) => toRefund(refund, c)),
    payment: JSON.parse(row.payment) as OrderPayment,
    shippingAddress: JSON.parse(row.address) as Address,
    tracking: row.tracking === null ? null : (JSON.parse(row.tracking) as Order["tracking"]),
    placedAt: row.placed_at,
    updatedAt: row.updated_at,
    version: row.version,
    events: events.map((event): OrderEvent => ({ ...event, data: JSON.parse(event.data) as unknown })),
  };
  return { order, cartId: row.cart_id };
}

/** The row of an order that is being placed. */
export const toRow = (order: Order, cartId: string | null): OrderRow => ({
  id: order.id,
  number: order.number,
  status: order.status,
  currency: order.currency,
  email: order.email,
  customer_id: order.customerId,
  cart_id: cartId,
  units: order.lines.reduce((sum, line) => sum + line.quantity, 0),
  subtotal: order.subtotal.amount,
  discount: order.discount.amount,
  shipping: order.shipping.amount,
  tax: order.tax.amount,
  included_tax: order.includedTax.amount,
  total: order.total.amount,
  coupon_code: order.couponCode,
  shipping_method: order.shippingMethod,
  address: JSON.stringify(order.shippingAddress),
  payment: JSON.stringify(order.payment),
  tracking: order.tracking && JSON.stringify(order.tracking),
  placed_at: order.placedAt,
  updated_at: order.updatedAt,
  version: order.version,
});

export const toLineRows = (order: Order) =>
  order.lines.map((line, position) => ({
    order_id: order.id,
    position,
    sku: line.sku,
    product_id: line.productId,
    name: line.name,
    quantity: line.quantity,
    unit_price: line.unitPrice.amount,
    total: line.total.amount,
    returned: line.returned,
    refunded: line.refunded.amount,
  }));

export const toEventRow = (orderId: string, event: OrderEvent) => ({
  order_id: orderId,
  version: event.version,
  type: event.type,
  at: event.at,
  data: JSON.stringify(event.data ?? {}),
  folded: 0,
});
