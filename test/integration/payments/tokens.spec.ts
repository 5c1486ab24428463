import { expect } from "chai";
import { eventually } from "../../helpers/eventually.ts";
import { refusalOf } from "../../helpers/shop.ts";
import type { TestStore } from "../../helpers/store.ts";
import { anOrderId, authorize, chargesOf, eventsOf, gbp, rowsOf, startPayments } from "./payment-store.ts";

describe("payments: the test provider's tokens", () => {
  let store: TestStore;

  before(async () => {
    store = await startPayments();
  });
  after(() => store.stop());

  const queued = (orderId: string): number =>
    rowsOf(store, "test-provider", "select id from test_provider_reports where order_id = ?", orderId).length;
  const statusOf = async (orderId: string) => (await store.call("payments.get", { orderId }))?.status;

  it("tok_visa is authorized, and told", async () => {
    const orderId = anOrderId();
    const payment = await authorize(store, orderId);
    expect(payment).to.deep.include({
      orderId,
      status: "authorized",
      amount: gbp(5000),
      captured: gbp(0),
      failure: null,
    });
    expect(await store.call("payments.get", { orderId })).to.deep.equal(payment);
    expect(eventsOf(store, orderId)).to.deep.equal(["payments.authorized"]);
  });

  for (const [token, failure] of [
    ["tok_declined", "declined"],
    ["tok_insufficient_funds", "insufficient_funds"],
  ] as const)
    it(`${token} fails for good`, async () => {
      const orderId = anOrderId();
      expect(await authorize(store, orderId, token)).to.include({ status: "failed", failure });
      expect(await authorize(store, orderId, "tok_visa")).to.include({ status: "failed", failure });
      expect(eventsOf(store, orderId)).to.deep.equal(["payments.failed"]);
    });

  it("tok_3ds sends the shopper to a page, whose decision is reported", async () => {
    const orderId = anOrderId();
    const waiting = await authorize(store, orderId, "tok_3ds");
    expect(waiting.status).to.equal("requires_action");
    const id = waiting.nextAction?.url.split("/").at(-1) as string;
    const decided = await store.call("payments.testDecide", { id, approve: true });
    expect(decided.status).to.equal("authorized");
    expect(decided.returnUrl).to.include(orderId);
    expect(await statusOf(orderId)).to.equal("authorized");
    const late = await store.call("payments.testDecide", { id, approve: false });
    expect(late.status).to.equal("authorized");
  });

  it("tok_3ds that the shopper declines fails", async () => {
    const orderId = anOrderId();
    const waiting = await authorize(store, orderId, "tok_3ds");
    const id = waiting.nextAction?.url.split("/").at(-1) as string;
    await store.call("payments.testDecide", { id, approve: false });
    expect(await statusOf(orderId)).to.equal("failed");
    expect(eventsOf(store, orderId)).to.deep.equal(["payments.failed"]);
  });

  it("tok_slow is authorized after three seconds", async () => {
    const orderId = anOrderId();
    const begun = performance.now();
    expect((await authorize(store, orderId, "tok_slow")).status).to.equal("authorized");
    expect(performance.now() - begun).to.be.above(2900);
  }).timeout(8000);

  it("tok_timeout_after_charge is found by the repeat, and charged once", async () => {
    const orderId = anOrderId();
    expect((await authorize(store, orderId, "tok_timeout_after_charge")).status).to.equal("authorized");
    expect(chargesOf(store, orderId)).to.have.length(1);
  });

  it("tok_error_once is approved at the second try", async () => {
    const orderId = anOrderId();
    expect((await authorize(store, orderId, "tok_error_once")).status).to.equal("authorized");
    expect(chargesOf(store, orderId)).to.have.length(1);
  });

  it("tok_webhook_late is pending, and authorized by a report", async () => {
    const orderId = anOrderId();
    expect((await authorize(store, orderId, "tok_webhook_late")).status).to.equal("pending");
    expect(eventsOf(store, orderId)).to.deep.equal([]);
    await eventually(async () => (await statusOf(orderId)) === "authorized");
    expect(eventsOf(store, orderId)).to.deep.equal(["payments.authorized"]);
  });

  it("tok_webhook_twice has one effect", async () => {
    const orderId = anOrderId();
    expect((await authorize(store, orderId, "tok_webhook_twice")).status).to.equal("authorized");
    await eventually(() => queued(orderId) === 0);
    expect((await store.call("payments.get", { orderId }))?.version).to.equal(1);
    expect(eventsOf(store, orderId)).to.deep.equal(["payments.authorized"]);
  });

  it("refuses any other token and any other provider with 422", async () => {
    for (const token of ["tok_unknown", "constructor", ""]) {
      const refusal = await refusalOf(authorize(store, anOrderId(), token));
      expect(refusal.code, token).to.equal(422);
    }
    const unknown = await refusalOf(authorize(store, anOrderId(), "tok_unknown"));
    expect(unknown.type).to.equal("PAYMENT_TOKEN_UNKNOWN");
    expect(unknown.data?.["errors"]).to.have.nested.property("[0].pointer", "/payment/token");
    const stripe = store.call("payments.authorize", {
      orderId: anOrderId(),
      amount: gbp(100),
      provider: "stripe",
    });
    expect(await refusalOf(stripe)).to.include({ type: "PAYMENT_PROVIDER_UNKNOWN", code: 422 });
  });
});
