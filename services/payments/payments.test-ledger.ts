import { Mailbox } from "../../mixins/mailbox.ts";
import { byKey, textsOf, type Statement } from "../../mixins/migrations.ts";
import { nobody } from "../../mixins/outbox.ts";
import { updateOf } from "../../mixins/row-change.ts";
import { raw, sql } from "../../mixins/sql.ts";
import { databaseOf, sequelizeOf } from "../../mixins/sql-database.ts";
import type { SqlDatabase } from "../../mixins/sql-session.ts";
import type { BatchWork, SqlTx, Table } from "../../mixins/sql.types.ts";
import type { PaymentsActor } from "./payments.actor.ts";
import type { Charge } from "./payments.provider.ts";

/** `status` is a charge's, or `error`: the first answer was a 500 and the next try counts. */
export const charges = {
  id: "text",
  order_id: "text",
  status: "text",
  currency: "text",
  amount: "bigint",
  captured: "bigint",
  refunded: "bigint",
  failure: "text",
} as const satisfies Table;
/** Reports to send, each `copies` times; `due` in milliseconds. */
export const reports = {
  id: "text",
  order_id: "text",
  body: "text",
  due: "bigint",
  tries: "bigint",
  copies: "bigint",
} as const satisfies Table;

export interface ChargeRow {
  id: string;
  order_id: string;
  status: Charge["status"] | "error";
  currency: string;
  amount: number;
  captured: number;
  refunded: number;
  failure: string | null;
}
export interface ReportRow {
  id: string;
  order_id: string;
  body: string;
  due: number;
  tries: number;
  copies: number;
}

const schema: readonly Statement[] = [
  byKey(`create table if not exists test_provider_charges (id text primary key, order_id text not null unique,
    status text not null, currency text not null, amount bigint not null,
    captured bigint not null check (captured >= 0 and captured <= amount),
    refunded bigint not null check (refunded >= 0 and refunded <= captured), failure text)`),
  byKey(`create table if not exists test_provider_refunds (key text primary key, order_id text not null,
    amount bigint not null)`),
  `create table if not exists test_provider_reports (id text primary key, order_id text not null, body text not null,
    due bigint not null, tries bigint not null, copies bigint not null)`,
];

export interface TestLedger {
  find(by: { orderId: string } | { id: string }): Promise<ChargeRow | undefined>;
  dueReports(now: number): Promise<ReportRow[]>;
  /** Milliseconds of the next report; undefined when none waits. */
  nextDue(): Promise<number | undefined>;
  batch<I, R>(kind: string, work: BatchWork<I, R>): (item: I) => Promise<R>;
  write<R>(work: (tx: SqlTx) => Promise<R>): Promise<R>;
  close(): Promise<void>;
}

/** Several nodes may start at once. */
async function createTables(database: SqlDatabase): Promise<void> {
  const session = await database.writer();
  await database.migrating(session, async () => {
    for (const text of schema.flatMap((statement) => textsOf(statement, session.dialect)))
      await session.run(raw(text));
  });
}

/**
 * The test provider's own durable ledger: a file beside the actors' databases, or tables in the database of payments, but
 * always transactions of its own, as a provider elsewhere would have.
 */
export async function openLedger(actor: PaymentsActor): Promise<TestLedger> {
  const { dataDir, databaseUrls } = actor.config;
  const database = await databaseOf(sequelizeOf("test-provider", dataDir, databaseUrls["payments"]));
  await createTables(database);
  const mailbox = new Mailbox({
    actor: actor.name,
    database,
    flush: () => Promise.resolve(nobody),
    committed: () => undefined,
    unsure: () => undefined,
    warn: (text) => actor.logger.warn(`test provider: ${text}`),
    maxBatch: undefined,
    maxQueue: undefined,
  });
  const { read } = database;
  return {
    find: (by) =>
      "id" in by
        ? read.get<ChargeRow>(sql`select * from test_provider_charges where id = ${by.id}`)
        : read.get<ChargeRow>(sql`select * from test_provider_charges where order_id = ${by.orderId}`),
    dueReports: (now) =>
      read.all<ReportRow>(sql`select * from test_provider_reports where due <= ${now} order by due limit 50`),
    nextDue: async () => {
      const row = await read.get<{ due: number | null }>(
        sql`select min(due) as due from test_provider_reports`,
      );
      return row?.due ?? undefined;
    },
    batch: (kind, work) => (item) => mailbox.add(kind, work, item),
    write: <R>(work: (tx: SqlTx) => Promise<R>) =>
      mailbox.add(
        undefined,
        async (tx, [one]) => [{ ok: await (one as typeof work)(tx) }],
        work,
      ) as Promise<R>,
    close: async () => {
      await mailbox.close();
      await database.close();
    },
  };
}

/** Charges of these orders, locked. */
export async function lockCharges(tx: SqlTx, orderIds: readonly string[]): Promise<Map<string, ChargeRow>> {
  const wanted = [...new Set(orderIds)].sort().map((id) => ({ id }));
  const rows = await tx.all<ChargeRow>(sql`
    select * from test_provider_charges where order_id in (select id from (${tx.rows({ id: "text" }, wanted)}) as d)
    order by order_id ${tx.forUpdate}`);
  return new Map(rows.map((row) => [row.order_id, row]));
}

const ofCharge = updateOf("test_provider_charges", charges, ["status", "captured", "refunded", "failure"], {
  id: "id",
});

export const saveCharges = (tx: SqlTx, changed: readonly ChargeRow[]): Promise<void> =>
  tx.change(ofCharge, changed);

export const addReport = (tx: SqlTx, row: ReportRow): Promise<void> =>
  tx.insert("test_provider_reports", reports, [{ ...row }]);

export async function wipeLedger(tx: SqlTx): Promise<void> {
  for (const table of ["charges", "refunds", "reports"])
    await tx.run(sql`delete from ${raw(`test_provider_${table}`)}`);
}
