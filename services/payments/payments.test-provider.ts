import { createHmac } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { refuse } from "../../contract/errors.ts";
import { sql } from "../../mixins/sql.ts";
import type { SqlTx } from "../../mixins/sql.types.ts";
import type { PaymentsActor } from "./payments.actor.ts";
import { webhookInvalid } from "./payments.errors.ts";
import {
  providerFault,
  type Charge,
  type ChargeRequest,
  type Provider,
  type ProviderEvent,
  type RefundRequest,
  type Webhook,
} from "./payments.provider.ts";
import { originOf } from "./payments.origin.ts";
import { isOpen } from "./payments.rules.ts";
import { verifySignature } from "./payments.signature.ts";
import {
  behaviourOf,
  chargeBatch,
  reportOf,
  type ChargeItem,
  type Charged,
  type Making,
} from "./payments.test-charge.ts";
import {
  addReport,
  lockCharges,
  openLedger,
  saveCharges,
  wipeLedger,
  type ChargeRow,
  type TestLedger,
} from "./payments.test-ledger.ts";
import { Reporter } from "./payments.test-reports.ts";

/**
 * A payment provider for trials: small, but apart from the store as a real one is. It has a durable ledger of its own,
 * keyed by the order, answers late, twice or not at all when its tokens say so, and signs what it reports.
 */
export class TestProvider implements Provider {
  readonly name = "test";
  readonly #actor: PaymentsActor;
  readonly #secret: string;
  readonly #stop = new AbortController();
  readonly #making: Making;
  #ledger!: TestLedger;
  #charge!: (item: ChargeItem) => Promise<Charged>;
  #reporter!: Reporter;

  constructor(actor: PaymentsActor) {
    this.#actor = actor;
    this.#secret = createHmac("sha256", actor.config.appSecret)
      .update("payments:test:webhook")
      .digest("base64");
    this.#making = {
      newId: () => actor.newId(),
      now: () => actor.clock.now(),
      bodyOf: (row) => JSON.stringify({ type: `charge.${row.status}`, charge: this.#toCharge(row) }),
    };
  }

  async start(): Promise<void> {
    this.#ledger = await openLedger(this.#actor);
    this.#charge = this.#ledger.batch("charge", (tx, items) => chargeBatch(this.#making, tx, items));
    this.#reporter = new Reporter(this.#actor, this.#ledger, this.#secret);
    this.#reporter.wake();
  }

  wipe(): Promise<void> {
    return this.#ledger.write(wipeLedger);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#reporter?.stop();
    await this.#ledger?.close();
  }

  async authorize(request: ChargeRequest): Promise<Charge> {
    const behaviour = behaviourOf(request.token);
    if (behaviour.wait !== undefined && !(await this.#ledger.find(request)))
      await sleep(behaviour.wait, undefined, { signal: this.#stop.signal }).catch(() => {
        throw providerFault("stopping");
      });
    const { row, made } = await this.#charge({ ...request, behaviour });
    if (made && behaviour.loseAnswer) throw providerFault("connection lost");
    if (row.status === "error") throw providerFault("500");
    if (made && behaviour.report) this.#reporter.wake();
    return this.#toCharge(row);
  }

  capture(orderId: string): Promise<Charge | undefined> {
    return this.#change(orderId, (row) =>
      row.status === "authorized" ? { ...row, status: "captured", captured: row.amount } : row,
    );
  }

  void(orderId: string): Promise<Charge | undefined> {
    return this.#change(orderId, (row) =>
      row.status === "captured" || row.status === "failed" ? row : { ...row, status: "voided" },
    );
  }

  async refund({ orderId, refundId, amount }: RefundRequest): Promise<Charge> {
    const row = await this.#ledger.write(async (tx) => {
      const found = (await lockCharges(tx, [orderId])).get(orderId);
      if (!found) throw refuse(409, "TEST_CHARGE_MISSING", "There is no such charge.");
      if (await tx.get(sql`select key from test_provider_refunds where key = ${refundId}`)) return found;
      if (found.refunded + amount > found.captured)
        throw refuse(409, "TEST_REFUND_TOO_LARGE", "More than was captured.");
      await tx.run(
        sql`insert into test_provider_refunds (key, order_id, amount) values (${refundId}, ${orderId}, ${amount})`,
      );
      const next = { ...found, refunded: found.refunded + amount };
      await saveCharges(tx, [next]);
      return next;
    });
    return this.#toCharge(row);
  }

  async retrieve(orderId: string): Promise<Charge | undefined> {
    const row = await this.#ledger.find({ orderId });
    return row && this.#toCharge(row);
  }

  /** The charge behind the provider's page. */
  async chargeOf(id: string): Promise<Charge | undefined> {
    const row = await this.#ledger.find({ id });
    return row && this.#toCharge(row);
  }

  /** The shopper decides on the provider's page; the first decision counts, and is reported. */
  async decide(id: string, approve: boolean): Promise<Charge | undefined> {
    const row = await this.#ledger.find({ id });
    if (!row) return undefined;
    const decided = await this.#change(row.order_id, (now, tx) => {
      if (now.status !== "requires_action") return now;
      const next: ChargeRow = approve
        ? { ...now, status: "authorized" }
        : { ...now, status: "failed", failure: "declined" };
      return addReport(tx, reportOf(this.#making, next, 0, 1)).then(() => next);
    });
    await this.#reporter.run();
    return decided;
  }

  async verifyWebhook(webhook: Webhook): Promise<ProviderEvent> {
    const id = verifySignature(this.#secret, webhook, this.#actor.clock.now());
    try {
      const { charge } = JSON.parse(webhook.raw) as { charge: Charge };
      if (typeof charge.orderId === "string" && Number.isSafeInteger(charge.amount)) return { id, charge };
    } catch {
      // falls through: signed, but no report
    }
    throw webhookInvalid();
  }

  async #change(
    orderId: string,
    decide: (row: ChargeRow, tx: SqlTx) => ChargeRow | Promise<ChargeRow>,
  ): Promise<Charge | undefined> {
    const row = await this.#ledger.write(async (tx) => {
      const found = (await lockCharges(tx, [orderId])).get(orderId);
      if (!found) return undefined;
      const next = await decide(found, tx);
      if (next !== found) await saveCharges(tx, [next]);
      return next;
    });
    return row && this.#toCharge(row);
  }

  #toCharge(row: ChargeRow): Charge {
    const status = row.status === "error" ? "pending" : row.status;
    return {
      id: row.id,
      orderId: row.order_id,
      status,
      currency: row.currency,
      amount: row.amount,
      captured: row.captured,
      refunded: row.refunded,
      ...(row.failure === null ? {} : { failure: row.failure }),
      ...(isOpen(status) && status === "requires_action"
        ? { actionUrl: `${originOf(this.#actor)}/api/v1/payments/test/${row.id}` }
        : {}),
    };
  }
}
