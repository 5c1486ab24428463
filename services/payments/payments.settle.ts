import type { Money } from "../../contract/shapes.ts";
import type { Found } from "./payments.change.ts";
import { bookCapture, bookRefund } from "./payments.ledger.ts";
import type { PaymentRow } from "./payments.model.ts";
import type { Charge, Provider } from "./payments.provider.ts";
import { holdsMoney, isClosed, isOpen, mayMove, misfit, pauseAfter } from "./payments.rules.ts";

export interface Word {
  charge: Charge;
  from: Provider["name"];
  /** What was asked for; left out when the provider spoke first. */
  asked?: Money;
  /** `authorize`, `capture`, `webhook` ... for the attempts. */
  step: string;
}

export interface Settled {
  row: PaymentRow;
  /** The order is closed, but the provider still holds money for it: it must be let go. */
  letGo: boolean;
}

function rowOf(at: Found, { charge, from }: Word): PaymentRow {
  return {
    id: at.newId(),
    order_id: charge.orderId,
    provider: from,
    charge_id: charge.id,
    status: "pending",
    currency: charge.currency,
    amount: charge.amount,
    captured: 0,
    refunded: 0,
    refunding: 0,
    failure: null,
    action_url: null,
    review: null,
    check_at: null,
    checks: 0,
    created_at: at.at,
    version: 0,
  };
}

/** The row that the charge belongs to; a row that only closed its order becomes the charge's. */
function baseOf(at: Found, word: Word): PaymentRow {
  const { payment } = at;
  if (!payment) return rowOf(at, word);
  if (payment.provider !== "none") return { ...payment, charge_id: payment.charge_id ?? word.charge.id };
  const { charge, from } = word;
  return {
    ...payment,
    provider: from,
    charge_id: charge.id,
    currency: charge.currency,
    amount: charge.amount,
  };
}

/** What the provider has taken or given back and we have not booked yet. */
function bookMoney(at: Found, row: PaymentRow, charge: Charge): PaymentRow {
  let next = row;
  if (charge.captured > next.captured) {
    at.book(bookCapture(next, charge.captured - next.captured, at.at));
    next = { ...next, captured: charge.captured };
  }
  // While a refund of ours is on its way, nobody can tell whether the sum contains it.
  if (next.refunding === 0 && charge.refunded > next.refunded) {
    const id = `provider:${charge.orderId}:${next.refunded}`;
    at.book(bookRefund(next, id, charge.refunded - next.refunded, at.at));
    next = { ...next, refunded: charge.refunded };
  }
  return next;
}

function nextCheck(at: Found, row: PaymentRow, letGo: boolean): number | null {
  if (letGo) return at.now + pauseAfter(0);
  return isOpen(row.status) ? at.now + pauseAfter(row.checks) : null;
}

const events = {
  authorized: "authorized",
  failed: "failed",
  captured: "captured",
  voided: "voided",
} as const;

function publish(at: Found, before: PaymentRow | undefined, row: PaymentRow): void {
  const { status } = row;
  if (status !== before?.status && !isOpen(status)) at.publish(events[status as keyof typeof events], row);
  if (before && isOpen(before.status) && !isOpen(status)) at.publish("decided", row);
  if (row.refunded > (before?.refunded ?? 0)) at.publish("refunded", row);
}

/** Writes a provider's word about an order's charge; what is old news or does not fit has no effect. */
export function settle(at: Found, word: Word): Settled {
  const { charge, asked } = word;
  const base = baseOf(at, word);
  const strange = asked && (asked.amount !== charge.amount || asked.currency !== charge.currency);
  const review =
    misfit(base, charge) ?? (strange ? `charge ${charge.id} is not over what was asked` : undefined);
  if (review !== undefined && at.payment && !isClosed(at.payment.status)) {
    const row = at.payment.review === review ? at.payment : at.save({ ...at.payment, review });
    return { row, letGo: false };
  }
  const moved = mayMove(base.status, charge.status) || (!at.payment && charge.status === "pending");
  const status = moved ? charge.status : base.status;
  const booked = bookMoney(at, { ...base, status, review: review ?? base.review }, charge);
  const letGo = isClosed(status) && holdsMoney(charge);
  const row = {
    ...booked,
    failure: status === "failed" ? (charge.failure ?? "declined") : booked.failure,
    action_url: charge.actionUrl ?? booked.action_url,
  };
  if (!isChanged(at.payment, row) && !letGo) return { row, letGo };
  const saved = at.save({ ...row, check_at: nextCheck(at, row, letGo) });
  if (moved) at.note(word.step, status);
  publish(at, at.payment, saved);
  return { row: saved, letGo };
}

const isChanged = (before: PaymentRow | undefined, after: PaymentRow): boolean =>
  !before ||
  (Object.keys(after) as (keyof PaymentRow)[]).some(
    (key) => key !== "check_at" && before[key] !== after[key],
  );
