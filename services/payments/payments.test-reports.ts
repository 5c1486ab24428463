import type { Caller } from "../../contract/implement.ts";
import { sql } from "../../mixins/sql.ts";
import type { SqlTx } from "../../mixins/sql.types.ts";
import type { PaymentsActor } from "./payments.actor.ts";
import { signedHeaders } from "./payments.signature.ts";
import { lockCharges, saveCharges, type ReportRow, type TestLedger } from "./payments.test-ledger.ts";

/** Milliseconds between two looks at a queue that is not empty, and the longest pause after failures. */
const soon = 50;
const longest = 60_000;

/**
 * Sends what the test provider has to report: signed bytes, handed to the action behind the store's webhook address.
 * What is not taken is sent again, also after a restart.
 */
export class Reporter {
  readonly #actor: PaymentsActor;
  readonly #ledger: TestLedger;
  readonly #secret: string;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(actor: PaymentsActor, ledger: TestLedger, secret: string) {
    this.#actor = actor;
    this.#ledger = ledger;
    this.#secret = secret;
  }

  /** Looks at the queue now, and again when its next report is due. */
  wake(): void {
    void this.run().catch(() => undefined);
  }

  /** Sends what is due. */
  async run(): Promise<void> {
    // A round that runs may have read the queue before it grew.
    await this.#running;
    if (this.#stopped) return;
    this.#running ??= this.#round().finally(() => (this.#running = undefined));
    await this.#running;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running?.catch(() => undefined);
  }

  async #round(): Promise<void> {
    try {
      for (const report of await this.#ledger.dueReports(this.#actor.clock.now())) await this.#send(report);
    } finally {
      await this.#sleepUntilNext();
    }
  }

  async #sleepUntilNext(): Promise<void> {
    clearTimeout(this.#timer);
    const next = await this.#ledger.nextDue().catch(() => this.#actor.clock.now() + longest);
    if (next === undefined || this.#stopped) return;
    const pause = Math.min(Math.max(next - this.#actor.clock.now(), soon), longest);
    this.#timer = setTimeout(() => this.wake(), pause);
  }

  async #send(report: ReportRow): Promise<void> {
    const { id, body: raw, order_id: orderId } = report;
    if (!(await this.#ledger.write((tx) => makeTrue(tx, report)))) return;
    const headers = signedHeaders(this.#secret, id, raw, this.#actor.clock.now());
    try {
      for (let copy = 0; copy < report.copies; copy++)
        await (this.#actor.broker as unknown as Caller).call(
          "payments.webhook",
          { provider: "test" },
          { meta: { webhook: { headers, raw } } },
        );
      await this.#ledger.write((tx) => tx.run(sql`delete from test_provider_reports where id = ${id}`));
    } catch (error) {
      this.#actor.logger.debug(`Report on ${orderId} not taken: ${(error as Error).message}`);
      const due = this.#actor.clock.now() + Math.min(250 * 2 ** report.tries, longest);
      await this.#ledger.write((tx) =>
        tx.run(sql`update test_provider_reports set tries = tries + 1, due = ${due} where id = ${id}`),
      );
    }
  }
}

/**
 * A late authorization happens when it is reported; if the store has let go of the charge by then there is nothing to
 * report. @returns whether to send
 */
async function makeTrue(tx: SqlTx, report: ReportRow): Promise<boolean> {
  const row = (await lockCharges(tx, [report.order_id])).get(report.order_id);
  if (row?.status === "voided") {
    await tx.run(sql`delete from test_provider_reports where id = ${report.id}`);
    return false;
  }
  if (row?.status === "pending") await saveCharges(tx, [{ ...row, status: "authorized" }]);
  return true;
}
