import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { runChecks } from "../../../scripts/verify/run.ts";
import type { ActionMap } from "../../../services/contracts.ts";
import { contextOf } from "../../../mixins/context.ts";
import { eventually } from "../../helpers/eventually.ts";
import { anOrder, freshKey, staff, type Placed } from "../../helpers/shop.ts";
import { startStore, testClock, type TestStore } from "../../helpers/store.ts";
import type { Answer } from "../../helpers/http.ts";
import { aThing } from "../products/catalogue.ts";
import {
  startStripe,
  stripeKey,
  stripeWebhookSecret,
  type StripeServer,
} from "../../servers/stripe/server.ts";

export type Payment = NonNullable<ActionMap["payments.get"]["returns"]>;

/** A whole store whose payments go to a stand-in for Stripe, with reports on their way back. */
export interface StripeStore extends TestStore {
  stripe: StripeServer;
  /** Places an order that is paid on the hosted page, or with a card that was collected before. */
  order(token?: string): Promise<Answer<Placed>>;
  /** The shopper pays on the hosted page (or answers the bank). @returns the page's status */
  pay(url: string, card: string): Promise<Response>;
  payment(orderId: string): Promise<Payment>;
  orderStatus(orderId: string): Promise<string>;
  /** Every invariant holds, Stripe's ledger against ours included. */
  expectClean(): Promise<void>;
  violations(): Promise<string>;
}

const form = (fields: Record<string, string>): RequestInit => ({
  method: "POST",
  redirect: "manual",
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: new URLSearchParams(fields).toString(),
});

export const answerBank = (url: string, approve: boolean): Promise<Response> =>
  fetch(url, form({ approve: String(approve) }));

const sku = "STRIPE-1";

async function stockUp(store: TestStore): Promise<void> {
  const items = [{ sku, onHand: 1000 }];
  await store.call("inventory.setStock", { key: "test", reason: "count", items });
}

const violationsOf = async (store: TestStore): Promise<string> => {
  const lines = await runChecks(contextOf(store.broker).config, { running: true });
  return lines.flatMap((line) => line.violations.map((violation) => `${line.id} ${violation}`)).join("\n");
};

export const stripeEnv = ({ url }: StripeServer): Record<string, string> => ({
  PAYMENT_PROVIDERS: "test,stripe",
  STRIPE_SECRET_KEY: stripeKey,
  STRIPE_WEBHOOK_SECRET: stripeWebhookSecret,
  STRIPE_API_URL: url,
});

export async function startStripeStore(): Promise<StripeStore> {
  const stripe = await startStripe();
  const dataDir = mkdtempSync(join(tmpdir(), "valence-stripe-"));
  const clock = testClock();
  const store = await startStore({
    dataDir,
    clock,
    env: stripeEnv(stripe),
  });
  stripe.webhooks.now = clock.now;
  stripe.webhooks.target = `${store.url}/api/v1/payments/webhooks/stripe`;
  await stockUp(store);
  await store.call("products.create", aThing(sku), { meta: staff });
  return {
    ...store,
    stripe,
    order: (token) => {
      const payment = { provider: "stripe" as const, ...(token === undefined ? {} : { token }) };
      return store.http.post<Placed>("orders", anOrder([{ sku, quantity: 1 }], { payment }), {
        key: freshKey(),
      });
    },
    pay: (url, card) => fetch(url, form({ card })),
    payment: async (orderId) => (await store.call("payments.get", { orderId })) as Payment,
    orderStatus: async (id) => (await store.call("orders.adminGet", { id }, { meta: staff })).status,
    violations: () => violationsOf(store),
    expectClean: () =>
      eventually(async () => {
        expect(await violationsOf(store)).to.equal("");
        return true;
      }, 10_000).then(() => undefined),
    async stop() {
      await store.stop();
      await stripe.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
