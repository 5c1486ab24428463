import { updateOf } from "../../mixins/row-change.ts";
import { sql } from "../../mixins/sql.ts";
import type { SqlReader, SqlTx, Table } from "../../mixins/sql.types.ts";
import type { Payment } from "./payments.contract.ts";

/**
 * One row an order. `refunding` is what pending refunds hold back; `check_at` (milliseconds) when the provider is asked
 * next; `review` says why a person must look. A row of provider `none` only closes the order: nothing was asked for yet.
 */
export const payments = {
  id: "text",
  order_id: "text",
  provider: "text",
  charge_id: "text",
  status: "text",
  currency: "text",
  amount: "bigint",
  captured: "bigint",
  refunded: "bigint",
  refunding: "bigint",
  failure: "text",
  action_url: "text",
  review: "text",
  check_at: "bigint",
  checks: "bigint",
  created_at: "text",
  version: "bigint",
} as const satisfies Table;
/** What was asked of the provider, and what it came to. */
export const attempts = {
  id: "text",
  order_id: "text",
  step: "text",
  outcome: "text",
  at: "text",
} as const satisfies Table;
export const refunds = {
  id: "text",
  order_id: "text",
  amount: "bigint",
  reason: "text",
  state: "text",
  check_at: "bigint",
  checks: "bigint",
  at: "text",
} as const satisfies Table;
/** Double entry: the amounts of one `entry_of` sum to 0. */
export const ledger_entries = {
  entry_of: "text",
  account: "text",
  order_id: "text",
  currency: "text",
  amount: "bigint",
  at: "text",
} as const satisfies Table;
/** Reports of providers that were taken; each counts once. */
export const provider_events = {
  provider: "text",
  event_id: "text",
  order_id: "text",
  at: "text",
} as const satisfies Table;

export interface PaymentRow {
  id: string;
  order_id: string;
  provider: Payment["provider"] | "none";
  charge_id: string | null;
  status: Payment["status"];
  currency: string;
  amount: number;
  captured: number;
  refunded: number;
  refunding: number;
  failure: string | null;
  action_url: string | null;
  review: string | null;
  check_at: number | null;
  checks: number;
  created_at: string;
  version: number;
}

export interface RefundRow {
  id: string;
  order_id: string;
  amount: number;
  reason: string;
  state: "pending" | "done" | "failed";
  check_at: number | null;
  checks: number;
  at: string;
}

export interface EntryRow {
  entry_of: string;
  account: string;
  order_id: string;
  currency: string;
  amount: number;
  at: string;
}

export function toPayment(row: PaymentRow): Payment {
  const money = (amount: number) => ({ amount, currency: row.currency });
  return {
    id: row.id,
    orderId: row.order_id,
    provider: row.provider === "none" ? "test" : row.provider,
    status: row.status,
    amount: money(row.amount),
    captured: money(row.captured),
    refunded: money(row.refunded),
    ...(row.status === "requires_action" && row.action_url !== null
      ? { nextAction: { type: "redirect" as const, url: row.action_url } }
      : {}),
    failure: row.failure,
    ...(row.review === null ? {} : { review: row.review.slice(0, 200) }),
    createdAt: row.created_at,
    version: row.version,
  };
}

export const findPayment = (reader: SqlReader, orderId: string): Promise<PaymentRow | undefined> =>
  reader.get<PaymentRow>(sql`select * from payments where order_id = ${orderId}`);

/** Rows of these orders, locked in the order of their ids, by order id. */
export async function lockPayments(tx: SqlTx, orderIds: readonly string[]): Promise<Map<string, PaymentRow>> {
  const wanted = [...new Set(orderIds)].sort().map((id) => ({ id }));
  const rows = await tx.all<PaymentRow>(sql`
    select * from payments where order_id in (select id from (${tx.rows({ id: "text" }, wanted)}) as d)
    order by order_id ${tx.forUpdate}`);
  return new Map(rows.map((row) => [row.order_id, row]));
}

export async function findRefunds(tx: SqlTx, ids: readonly string[]): Promise<Map<string, RefundRow>> {
  if (ids.length === 0) return new Map();
  const wanted = [...new Set(ids)].map((id) => ({ id }));
  const rows = await tx.all<RefundRow>(sql`
    select * from refunds where id in (select id from (${tx.rows({ id: "text" }, wanted)}) as d)`);
  return new Map(rows.map((row) => [row.id, row]));
}

export interface EventKey {
  provider: string;
  event_id: string;
}
export const keyOf = ({ provider, event_id }: EventKey): string => `${provider}:${event_id}`;

/** Keys of those reports that were taken before. */
export async function findTaken(tx: SqlTx, keys: readonly EventKey[]): Promise<Set<string>> {
  if (keys.length === 0) return new Set();
  const columns = { provider: "text", event_id: "text" } as const;
  const rows = await tx.all<EventKey>(sql`
    select provider, event_id from provider_events
    where (provider, event_id) in (select provider, event_id from (${tx.rows(columns, keys)}) as d)`);
  return new Set(rows.map(keyOf));
}

const ofPayment = updateOf(
  "payments",
  payments,
  [
    "provider",
    "charge_id",
    "status",
    "currency",
    "amount",
    "captured",
    "refunded",
    "refunding",
    "failure",
    "action_url",
    "review",
    "check_at",
    "checks",
    "version",
  ],
  { id: "id" },
);
const ofRefund = updateOf("refunds", refunds, ["state", "check_at", "checks"], { id: "id" });

export const savePayments = (tx: SqlTx, changed: readonly PaymentRow[]): Promise<void> =>
  tx.change(ofPayment, changed);

export const saveRefunds = (tx: SqlTx, changed: readonly RefundRow[]): Promise<void> =>
  tx.change(ofRefund, changed);
