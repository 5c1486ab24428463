import { implement } from "../../contract/implement.ts";
import { decodeCursor, encodeCursor } from "../../mixins/cursor.ts";
import { sqlStore } from "../../mixins/sql-store.ts";
import { and, sql } from "../../mixins/sql.ts";
import type { PaymentsActor } from "./payments.actor.ts";
import { authorize } from "./payments.authorize.ts";
import { capture } from "./payments.capture.ts";
import { changeBatch } from "./payments.change.ts";
import contract from "./payments.contract.ts";
import {
  attempts,
  findPayment,
  ledger_entries,
  payments,
  provider_events,
  refunds,
  toPayment,
  type PaymentRow,
} from "./payments.model.ts";
import type { Provider } from "./payments.provider.ts";
import { catchUp } from "./payments.catch-up.ts";
import { reconcile } from "./payments.reconcile.ts";
import { recheck, unsettled } from "./payments.recheck.ts";
import { refund } from "./payments.refund.ts";
import { StripeProvider } from "./payments.stripe-provider.ts";
import { testDecide, testForm, testPage } from "./payments.test-page.ts";
import { TestProvider } from "./payments.test-provider.ts";
import { Turns } from "./payments.turns.ts";
import { void as voidPayment } from "./payments.void.ts";
import { wipe } from "./payments.wipe.ts";
import { webhook } from "./payments.webhook.ts";
import migrations from "./migrations/index.ts";

/** Milliseconds between two rounds of reconciliation; which rows are due stands in the rows. */
const reconcileEvery = 1000;

export default implement<typeof contract, PaymentsActor>(contract, {
  mixins: [
    sqlStore({ tables: { payments, attempts, refunds, ledger_entries, provider_events }, migrations }),
  ],

  actions: {
    wipe,
    async get(ctx) {
      const row = await findPayment(this.store.read, ctx.params.orderId);
      return row && row.provider !== "none" ? toPayment(row) : null;
    },

    async list(ctx) {
      const { limit = 20, cursor, status } = ctx.params;
      const rows = await this.store.read.all<PaymentRow>(sql`
        select * from payments where ${and([
          sql`provider <> 'none'`,
          ...(status === undefined ? [] : [sql`status = ${status}`]),
          ...(cursor === undefined ? [] : [sql`id < ${decodeCursor(cursor, ["string"])[0]}`]),
        ])} order by id desc limit ${limit + 1}`);
      const data = rows.slice(0, limit).map(toPayment);
      return { data, page: { next: rows.length > limit ? encodeCursor([data.at(-1)?.id ?? ""]) : null } };
    },

    providers() {
      return { data: [...this.config.paymentProviders] };
    },

    unsettled,
    recheck,
    authorize,
    capture,
    void: voidPayment,
    refund,
    webhook,
    testPage,
    testDecide,
    testForm,
  },

  async started() {
    this.turns = new Turns();
    this.batches = {
      change: this.store.batch(
        "change",
        (tx, steps) => changeBatch(this, tx, steps),
        ({ orderId }) => orderId,
      ),
    };
    this.testProvider = this.config.paymentProviders.includes("test") ? new TestProvider(this) : undefined;
    const stripe = this.config.stripe && new StripeProvider(this, this.config.stripe);
    const providers: Provider[] = [this.testProvider, stripe].filter((provider) => provider !== undefined);
    this.providers = new Map(providers.map((provider) => [provider.name, provider]));
    for (const provider of providers) await provider.start();
    this.missedAt = 0;
    let running = false;
    const round = async () => {
      if (running) return;
      running = true;
      try {
        await reconcile(this);
        await catchUp(this);
      } catch (error) {
        this.logger.debug(`Payments are not reconciled now: ${(error as Error).message}`);
      } finally {
        running = false;
      }
    };
    this.timers = [setInterval(() => void round(), reconcileEvery)];
  },

  async stopped() {
    this.timers?.forEach(clearInterval);
    for (const provider of this.providers?.values() ?? []) await provider.stop();
  },
});
