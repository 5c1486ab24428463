import { expect } from "chai";
import fc from "fast-check";
import { uuidv7 } from "../../../mixins/uuid.ts";
import type { TestStore } from "../../helpers/store.ts";
import { anOrderId, authorize, chargesOf, gbp, ledgerOf, rowsOf, startPayments } from "./payment-store.ts";

const newId = uuidv7({ now: () => Date.now() });

const tokens = [
  "tok_visa",
  "tok_declined",
  "tok_3ds",
  "tok_error_once",
  "tok_timeout_after_charge",
  "tok_webhook_twice",
] as const;

/** One call; `at` picks one of the orders. */
const calls = fc.oneof(
  fc.record({ kind: fc.constant("authorize" as const), at: fc.nat(2), token: fc.constantFrom(...tokens) }),
  fc.record({ kind: fc.constantFrom("capture", "void" as const), at: fc.nat(2) }),
  fc.record({
    kind: fc.constant("refund" as const),
    at: fc.nat(2),
    amount: fc.integer({ min: 1, max: 700 }),
  }),
);
type Call = typeof calls extends fc.Arbitrary<infer C> ? C : never;

describe("payments: the ledger after any sequence of calls", () => {
  let store: TestStore;

  before(async () => {
    store = await startPayments();
  });
  after(() => store.stop());

  const run = (orders: readonly string[], call: Call): Promise<unknown> => {
    const orderId = orders[call.at] as string;
    if (call.kind === "authorize") return authorize(store, orderId, call.token, 1000);
    if (call.kind !== "refund") return store.call(`payments.${call.kind}` as "payments.void", { orderId });
    return store.call("payments.refund", {
      orderId,
      refundId: newId(),
      amount: gbp(call.amount),
      reason: "",
    });
  };

  const check = (orderId: string): void => {
    const [charge] = chargesOf(store, orderId);
    const rows = rowsOf<Record<string, number>>(
      store,
      "payments",
      "select amount, captured, refunded, refunding from payments where order_id = ?",
      orderId,
    );
    const { captured = 0, refunded = 0, refunding = 0 } = rows[0] ?? {};
    expect(refunding).to.equal(0);
    expect([captured, refunded]).to.deep.equal([charge?.captured ?? 0, charge?.refunded ?? 0]);
    expect(refunded).to.be.at.most(captured);
    const ledger = ledgerOf(store, orderId);
    expect(Object.values(ledger).reduce((sum, amount) => sum + amount, 0)).to.equal(0);
    expect(ledger["receivable:test"] ?? 0).to.equal(captured - refunded);
    expect(-(ledger["sales"] ?? 0)).to.equal(captured);
    expect(ledger["refunds"] ?? 0).to.equal(refunded);
  };

  it("sums to 0, and both ledgers agree", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(calls, { minLength: 1, maxLength: 6 }), { maxLength: 6 }),
        async (rounds) => {
          const orders = [anOrderId(), anOrderId(), anOrderId()];
          for (const round of rounds) {
            // The calls of one round are made at once.
            const results = await Promise.allSettled(round.map((call) => run(orders, call)));
            for (const result of results)
              if (result.status === "rejected")
                expect((result.reason as { code: number }).code).to.be.below(500);
          }
          orders.forEach(check);
        },
      ),
      { numRuns: 60 },
    );
  }).timeout(60_000);
});
