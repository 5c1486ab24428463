import type { Outcome, Row, SqlTx } from "../../mixins/sql.types.ts";
import type { PaymentsActor } from "./payments.actor.ts";
import {
  attempts,
  findRefunds,
  findTaken,
  keyOf,
  ledger_entries,
  lockPayments,
  payments,
  provider_events,
  refunds,
  savePayments,
  saveRefunds,
  toPayment,
  type EntryRow,
  type EventKey,
  type PaymentRow,
  type RefundRow,
} from "./payments.model.ts";

export type PaymentEvent = "authorized" | "failed" | "captured" | "voided" | "refunded" | "decided";

/** One decision about one order's payment, made in memory on its locked row. It throws a refusal before it writes. */
export interface Step<R> {
  orderId: string;
  /** The order had no payment a moment ago. */
  fresh?: boolean;
  refundId?: string;
  /** A provider's report that counts once. */
  event?: EventKey;
  decide(at: Found): R;
}

/** What a decision sees, and how it writes. */
export interface Found {
  readonly payment: PaymentRow | undefined;
  readonly refund: RefundRow | undefined;
  /** The report was taken before. */
  readonly taken: boolean;
  /** A fresh id, for a row that is made. */
  newId(): string;
  readonly now: number;
  readonly at: string;
  /** The row as it is from now on; its version is counted here. @returns the row that was saved */
  save(row: PaymentRow): PaymentRow;
  saveRefund(row: RefundRow): void;
  book(entries: readonly EntryRow[]): void;
  note(step: string, outcome: string): void;
  publish(event: PaymentEvent, row: PaymentRow): void;
}

/** The rows of a batch, and what its decisions have written so far. */
class Work {
  readonly tx: SqlTx;
  readonly actor: PaymentsActor;
  readonly rows: Map<string, PaymentRow>;
  readonly refundRows: Map<string, RefundRow>;
  readonly taken: Set<string>;
  readonly #known: ReadonlySet<string>;
  readonly #knownRefunds: ReadonlySet<string>;
  readonly #changed = new Set<string>();
  readonly #changedRefunds = new Set<string>();
  readonly #entries: EntryRow[] = [];
  readonly #attempts: Record<string, string>[] = [];
  readonly #events: (EventKey & { order_id: string; at: string })[] = [];

  constructor(
    actor: PaymentsActor,
    tx: SqlTx,
    loaded: { rows: Map<string, PaymentRow>; refunds: Map<string, RefundRow>; taken: Set<string> },
  ) {
    this.actor = actor;
    this.tx = tx;
    this.rows = loaded.rows;
    this.refundRows = loaded.refunds;
    this.taken = loaded.taken;
    this.#known = new Set(loaded.rows.keys());
    this.#knownRefunds = new Set(loaded.refunds.keys());
  }

  decide(step: Step<unknown>): unknown {
    const { orderId, refundId, event } = step;
    const at = this.actor.timestamp();
    const found: Found = {
      payment: this.rows.get(orderId),
      refund: refundId === undefined ? undefined : this.refundRows.get(refundId),
      taken: event !== undefined && this.taken.has(keyOf(event)),
      newId: () => this.actor.newId(),
      now: this.actor.clock.now(),
      at,
      save: (row) => this.#save(row),
      saveRefund: (row) => {
        this.refundRows.set(row.id, row);
        this.#changedRefunds.add(row.id);
      },
      book: (entries) => void this.#entries.push(...entries),
      note: (name, outcome) =>
        void this.#attempts.push({
          id: this.actor.newId(),
          order_id: orderId,
          step: name,
          outcome,
          at,
        }),
      publish: (name, row) =>
        this.tx.publish(
          `payments.${name}`,
          { entity: orderId, version: row.version },
          { payment: toPayment(row) },
        ),
    };
    const answer = step.decide(found);
    if (event && !found.taken) {
      this.taken.add(keyOf(event));
      this.#events.push({ ...event, order_id: orderId, at });
    }
    return answer;
  }

  #save(row: PaymentRow): PaymentRow {
    const before = this.rows.get(row.order_id);
    const saved = { ...row, version: (before?.version ?? 0) + 1 };
    this.rows.set(row.order_id, saved);
    this.#changed.add(row.order_id);
    return saved;
  }

  async flush(): Promise<void> {
    const { tx } = this;
    const changed = [...this.#changed].map((id) => this.rows.get(id) as PaymentRow);
    const refunded = [...this.#changedRefunds].map((id) => this.refundRows.get(id) as RefundRow);
    await tx.insert("payments", payments, asRows(changed.filter((row) => !this.#known.has(row.order_id))));
    await savePayments(
      tx,
      changed.filter((row) => this.#known.has(row.order_id)),
    );
    await tx.insert("refunds", refunds, asRows(refunded.filter((row) => !this.#knownRefunds.has(row.id))));
    await saveRefunds(
      tx,
      refunded.filter((row) => this.#knownRefunds.has(row.id)),
    );
    await tx.insert("ledger_entries", ledger_entries, asRows(this.#entries));
    await tx.insert("attempts", attempts, this.#attempts);
    await tx.insert("provider_events", provider_events, asRows(this.#events));
  }
}

const asRows = (rows: readonly object[]): Row[] => rows.map((row) => ({ ...row }));

/** Works waiting decisions in one transaction: one lock, each decided in memory after the other, one write per table. */
export async function changeBatch(
  actor: PaymentsActor,
  tx: SqlTx,
  steps: readonly Step<unknown>[],
): Promise<Outcome<unknown>[]> {
  const rows =
    tx.first && steps.every(({ fresh }) => fresh)
      ? new Map<string, PaymentRow>()
      : await lockPayments(
          tx,
          steps.map((step) => step.orderId),
        );
  const refundIds = steps.flatMap(({ refundId }) => (refundId === undefined ? [] : [refundId]));
  const events = steps.flatMap(({ event }) => (event ? [event] : []));
  const loaded = { rows, refunds: await findRefunds(tx, refundIds), taken: await findTaken(tx, events) };
  const work = new Work(actor, tx, loaded);
  const outcomes = steps.map((step): Outcome<unknown> => {
    try {
      return { ok: work.decide(step) };
    } catch (error) {
      return { error: error as Error };
    }
  });
  await work.flush();
  return outcomes;
}

/** Decides one step, durably, together with those that wait. */
export const change = <R>(actor: PaymentsActor, step: Step<R>): Promise<R> =>
  actor.batches.change(step) as Promise<R>;
