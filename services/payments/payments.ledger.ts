import type { EntryRow, PaymentRow } from "./payments.model.ts";

/**
 * The money ledger. An authorization moves no money, so only captures and refunds are booked:
 * - capture: the provider owes us the amount (`receivable:<provider>`), and we have sold for it (`sales`);
 * - refund: we have given back (`refunds`), and the provider owes us so much less.
 * Debits are positive, credits negative; both halves of one booking sum to 0.
 */
function booking(
  entryOf: string,
  row: PaymentRow,
  amount: number,
  debit: string,
  credit: string,
  at: string,
) {
  const half = (account: string, signed: number): EntryRow => ({
    entry_of: entryOf,
    account,
    order_id: row.order_id,
    currency: row.currency,
    amount: signed,
    at,
  });
  return [half(debit, amount), half(credit, -amount)];
}

const receivable = (row: PaymentRow): string => `receivable:${row.provider}`;

/** Named by the order and what is captured after it: one capture is booked once. */
export const bookCapture = (row: PaymentRow, amount: number, at: string): EntryRow[] =>
  booking(`capture:${row.order_id}:${row.captured}`, row, amount, receivable(row), "sales", at);

export const bookRefund = (row: PaymentRow, refundId: string, amount: number, at: string): EntryRow[] =>
  booking(`refund:${refundId}`, row, amount, "refunds", receivable(row), at);
