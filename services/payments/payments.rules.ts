import type { PaymentStatus } from "./payments.contract.ts";
import type { PaymentRow } from "./payments.model.ts";
import type { Charge } from "./payments.provider.ts";

/** From each status the ones that a provider's word may lead to; anything else is old news. */
const moves: Readonly<Record<PaymentStatus, readonly PaymentStatus[]>> = {
  pending: ["requires_action", "authorized", "captured", "voided", "failed"],
  requires_action: ["pending", "authorized", "captured", "voided", "failed"],
  authorized: ["captured", "voided"],
  captured: [],
  voided: [],
  failed: [],
};

export const mayMove = (from: PaymentStatus, to: PaymentStatus): boolean => moves[from].includes(to);

/** Nothing is asked for any more: later authorizations answer this status. */
export const isClosed = (status: PaymentStatus): boolean => status === "voided" || status === "failed";

/** The outcome is still with the provider or the shopper. */
export const isOpen = (status: PaymentStatus): boolean =>
  status === "pending" || status === "requires_action";

/** The provider still holds or has taken money. */
export const holdsMoney = (charge: Charge): boolean =>
  isOpen(charge.status) || charge.status === "authorized" || charge.captured > charge.refunded;

/** Why a charge cannot be the payment's; undefined when it can. */
export function misfit(row: PaymentRow, charge: Charge): string | undefined {
  if (charge.trouble !== undefined) return charge.trouble;
  if (row.provider === "none") return undefined;
  if (charge.currency !== row.currency || charge.amount !== row.amount)
    return `charge ${charge.id} is over ${charge.amount} ${charge.currency}`;
  if (row.charge_id !== null && row.charge_id !== charge.id) return `a second charge ${charge.id}`;
  return undefined;
}

const seconds = 1000;
/** Milliseconds until the provider is asked again: 5 s, doubled each time, at most 10 minutes. */
export const pauseAfter = (checks: number): number => Math.min(5 * seconds * 2 ** checks, 600 * seconds);

/** A closed order without a charge is looked at so often: every call that was on its way has ended by then. */
export const closingChecks = 2;
