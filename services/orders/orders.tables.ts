import type { Table } from "../../mixins/sql.types.ts";

export const orders = {
  id: "text",
  number: "text",
  status: "text",
  currency: "text",
  email: "text",
  customer_id: "text",
  cart_id: "text",
  units: "bigint",
  subtotal: "bigint",
  discount: "bigint",
  shipping: "bigint",
  tax: "bigint",
  included_tax: "bigint",
  total: "bigint",
  coupon_code: "text",
  shipping_method: "text",
  address: "text",
  payment: "text",
  tracking: "text",
  placed_at: "text",
  updated_at: "text",
  version: "bigint",
} as const satisfies Table;

export const order_lines = {
  order_id: "text",
  position: "bigint",
  sku: "text",
  product_id: "text",
  name: "text",
  quantity: "bigint",
  unit_price: "bigint",
  total: "bigint",
  returned: "bigint",
  refunded: "bigint",
} as const satisfies Table;

/** `folded` is 1 once the daily figures contain the event. */
export const order_events = {
  order_id: "text",
  version: "bigint",
  type: "text",
  at: "text",
  data: "text",
  folded: "bigint",
} as const satisfies Table;
export const returns = {
  id: "text",
  order_id: "text",
  status: "text",
  lines: "text",
  reason: "text",
  requested_at: "text",
  decided_at: "text",
  refund_id: "text",
  version: "bigint",
} as const satisfies Table;
export const refunds = {
  id: "text",
  order_id: "text",
  amount: "bigint",
  lines: "text",
  reason: "text",
  status: "text",
  return_id: "text",
  at: "text",
} as const satisfies Table;
/** The idempotency key of an order or a refund, from its first write on. `at` in milliseconds. */
export const keys = {
  caller: "text",
  key: "text",
  fingerprint: "text",
  order_id: "text",
  at: "bigint",
} as const satisfies Table;
/** What a key was answered with; none while the first request runs. */
export const answers = {
  caller: "text",
  key: "text",
  status: "bigint",
  body: "text",
} as const satisfies Table;
/** One running process an order at most: what it does, who runs it, until when (milliseconds). */
export const sagas = {
  order_id: "text",
  kind: "text",
  step: "text",
  data: "text",
  owner: "text",
  lease_until: "bigint",
  attempts: "bigint",
  error: "text",
  created_at: "text",
  version: "bigint",
} as const satisfies Table;
