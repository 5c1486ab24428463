import type { Outcome, SqlTx } from "../../mixins/sql.types.ts";
import { tokenUnknown } from "./payments.errors.ts";
import type { Charge, ChargeRequest } from "./payments.provider.ts";
import {
  charges,
  lockCharges,
  reports,
  saveCharges,
  type ChargeRow,
  type ReportRow,
} from "./payments.test-ledger.ts";

/** What becomes of a charge, by the token that stands for a card. */
const tokens = {
  tok_visa: { status: "authorized" },
  tok_declined: { status: "failed", failure: "declined" },
  tok_insufficient_funds: { status: "failed", failure: "insufficient_funds" },
  tok_3ds: { status: "requires_action" },
  tok_slow: { status: "authorized", wait: 3000 },
  tok_timeout_after_charge: { status: "authorized", loseAnswer: true },
  tok_error_once: { status: "error" },
  tok_webhook_late: { status: "pending", report: { after: 1000, copies: 1 } },
  tok_webhook_twice: { status: "authorized", report: { after: 0, copies: 2 } },
} as const satisfies Record<string, Behaviour>;

export interface Behaviour {
  status: ChargeRow["status"];
  failure?: string;
  /** Milliseconds until the answer. */
  wait?: number;
  /** The charge stands, but the caller never hears of it. */
  loseAnswer?: boolean;
  report?: { after: number; copies: number };
}

/** @throws 422 for a token that is none of the provider's */
export function behaviourOf(token: string | undefined): Behaviour {
  if (token === undefined || !Object.hasOwn(tokens, token)) throw tokenUnknown();
  return tokens[token as keyof typeof tokens];
}

export interface ChargeItem extends ChargeRequest {
  behaviour: Behaviour;
}

export interface Charged {
  row: ChargeRow;
  /** This call made it. */
  made: boolean;
}

export interface Making {
  newId(): string;
  now(): number;
  bodyOf(row: ChargeRow): string;
}

function newCharge({ newId }: Making, { orderId, amount, behaviour }: ChargeItem): ChargeRow {
  return {
    id: newId(),
    order_id: orderId,
    status: behaviour.status,
    currency: amount.currency,
    amount: amount.amount,
    captured: 0,
    refunded: 0,
    failure: behaviour.failure ?? null,
  };
}

/** A report of the charge as it will be: authorized. */
export const reportOf = (making: Making, row: ChargeRow, after: number, copies: number): ReportRow => ({
  id: making.newId(),
  order_id: row.order_id,
  body: making.bodyOf(row),
  due: making.now() + after,
  tries: 0,
  copies,
});

/** One charge an order: a repeat is answered the charge that stands; after a 500 the repeat goes through. */
export async function chargeBatch(
  making: Making,
  tx: SqlTx,
  items: readonly ChargeItem[],
): Promise<Outcome<Charged>[]> {
  const known = tx.first
    ? new Map<string, ChargeRow>()
    : await lockCharges(
        tx,
        items.map(({ orderId }) => orderId),
      );
  const made = new Map<string, ChargeRow>();
  const changed = new Map<string, ChargeRow>();
  const sent: ReportRow[] = [];
  const outcomes = items.map((item): Outcome<Charged> => {
    const found = made.get(item.orderId) ?? known.get(item.orderId);
    if (found?.status === "error") {
      const row: ChargeRow = { ...found, status: "authorized" };
      if (made.has(item.orderId)) made.set(item.orderId, row);
      else changed.set(item.orderId, row);
      known.set(item.orderId, row);
      return { ok: { row, made: false } };
    }
    if (found) return { ok: { row: found, made: false } };
    const row = newCharge(making, item);
    made.set(item.orderId, row);
    const { report } = item.behaviour;
    if (report) sent.push(reportOf(making, { ...row, status: "authorized" }, report.after, report.copies));
    return { ok: { row, made: true } };
  });
  await tx.insert(
    "test_provider_charges",
    charges,
    [...made.values()].map((row) => ({ ...row })),
  );
  await saveCharges(tx, [...changed.values()]);
  await tx.insert(
    "test_provider_reports",
    reports,
    sent.map((row) => ({ ...row })),
  );
  return outcomes;
}

export type ChargeStatus = Charge["status"];
