import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Payment } from "../../../services/payments/payments.contract.ts";
import type { Turns } from "../../../services/payments/payments.turns.ts";
import { startStore, type StoreOptions, type TestStore } from "../../helpers/store.ts";
import { standIns } from "../../helpers/stand-ins.ts";

/** The payments actor, with an orders actor that takes its events. */
export function startPayments(options: StoreOptions = {}): Promise<TestStore> {
  return startStore({ services: ["payments"], extra: standIns({ "orders.get": () => null }), ...options });
}

let orders = 0;
export const anOrderId = (): string => {
  orders += 1;
  return `0198c0de-0000-7000-8000-${orders.toString(16).padStart(12, "0")}`;
};

export const gbp = (amount: number) => ({ amount, currency: "GBP" });

export const authorize = (
  store: TestStore,
  orderId: string,
  token = "tok_visa",
  amount = 5000,
): Promise<Payment> =>
  store.call("payments.authorize", { orderId, amount: gbp(amount), provider: "test", token });

export interface ProviderCharge {
  id: string;
  order_id: string;
  status: string;
  amount: number;
  captured: number;
  refunded: number;
}

/** Rows of one of the store's SQLite files, read from outside. */
export function rowsOf<R>(store: TestStore, file: string, query: string, ...values: string[]): R[] {
  const db = new DatabaseSync(join(store.dataDir, `${file}.sqlite`), { readOnly: true });
  try {
    return db.prepare(query).all(...values) as R[];
  } finally {
    db.close();
  }
}

/** What the test provider has charged for an order. */
export const chargesOf = (store: TestStore, orderId: string): ProviderCharge[] =>
  rowsOf(store, "test-provider", "select * from test_provider_charges where order_id = ?", orderId);

/** Durable events of an order's payment, oldest first. */
export const eventsOf = (store: TestStore, orderId: string): string[] =>
  rowsOf<{ type: string }>(
    store,
    "payments",
    "select type from events where entity = ? and type <> 'payments.decided' order by seq",
    orderId,
  ).map(({ type }) => type);

export const ledgerOf = (store: TestStore, orderId: string): Record<string, number> =>
  Object.fromEntries(
    rowsOf<{ account: string; sum: number }>(
      store,
      "payments",
      "select account, sum(amount) as sum from ledger_entries where order_id = ? group by account",
      orderId,
    ).map(({ account, sum }) => [account, sum]),
  );

/** Lets calls of one order run at once, as on several nodes. */
export function meetInDatabase(store: TestStore): void {
  const service = store.broker.getLocalService("payments") as unknown as { turns: Pick<Turns, "take"> };
  service.turns = { take: (_key, work) => work() };
}
