import { expect } from "chai";
import { refusalOf } from "../../helpers/shop.ts";
import { standIns } from "../../helpers/stand-ins.ts";
import type { TestStore } from "../../helpers/store.ts";
import { startStripe, stripeWebhookSecret, type StripeServer } from "../../servers/stripe/server.ts";
import { signatureOf } from "../../servers/stripe/webhooks.ts";
import { anOrderId, eventsOf, gbp, rowsOf, startPayments } from "./payment-store.ts";
import { stripeEnv } from "./stripe-store.ts";

describe("payments: Stripe's reports and refusals", function () {
  this.timeout(20_000);
  let stripe: StripeServer;
  let store: TestStore;

  before(async () => {
    stripe = await startStripe();
    const extra = standIns({ "orders.get": () => null });
    store = await startPayments({ services: ["payments", "gateway"], extra, env: stripeEnv(stripe) });
  });
  after(async () => {
    await store.stop();
    await stripe.stop();
  });

  const authorize = (orderId: string, amount = 5000) =>
    store.call("payments.authorize", { orderId, amount: gbp(amount), provider: "stripe" });
  const get = (orderId: string) => store.call("payments.get", { orderId });

  /** An order that waits for the shopper, and the report that the page was paid, as Stripe would sign it. */
  const paid = async () => {
    const orderId = anOrderId();
    await authorize(orderId);
    const session = [...stripe.ledger.sessions.values()].at(-1)!;
    await fetch(session.url!, {
      method: "POST",
      redirect: "manual",
      body: new URLSearchParams({ card: "pm_card_visa" }),
    });
    const event = stripe.webhooks.events.at(-1)!;
    expect(event.type).to.equal("checkout.session.completed");
    return { orderId, event };
  };
  const send = (raw: string, signature: string | undefined) =>
    store.http.post<{ code?: string }>("payments/webhooks/stripe", raw, {
      headers: signature === undefined ? {} : { "stripe-signature": signature },
    });
  const signed = (raw: string, at = store.clock.now()) => signatureOf(stripeWebhookSecret, raw, at);

  it("refuses a missing, wrong or foreign signature with 400, without effect", async () => {
    const { orderId, event } = await paid();
    const raw = JSON.stringify(event);
    const foreign = signatureOf("whsec_another", raw, store.clock.now());
    for (const [body, signature] of [
      [raw, undefined],
      [raw, "t=1,v1=00"],
      [raw, foreign],
      [`${raw} `, signed(raw)],
    ] as const) {
      const answer = await send(body, signature);
      expect([answer.status, answer.body.code]).to.deep.equal([400, "SIGNATURE_INVALID"]);
    }
    expect((await get(orderId))?.status).to.equal("requires_action");
  });

  it("refuses a report of six minutes ago with 400", async () => {
    const { orderId, event } = await paid();
    const raw = JSON.stringify(event);
    expect((await send(raw, signed(raw, store.clock.now() - 360_000))).status).to.equal(400);
    expect((await get(orderId))?.status).to.equal("requires_action");
    expect((await send(raw, signed(raw, store.clock.now() - 290_000))).status).to.equal(200);
    expect((await get(orderId))?.status).to.equal("authorized");
  });

  it("takes the same report once, and answers 200 each time", async () => {
    const { orderId, event } = await paid();
    const raw = JSON.stringify(event);
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(raw, signed(raw))));
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 200, 200, 200]);
    expect(await get(orderId)).to.include({ status: "authorized", version: 2 });
    expect(eventsOf(store, orderId)).to.deep.equal(["payments.authorized"]);
    const taken = rowsOf(store, "payments", "select * from provider_events where event_id = ?", event.id);
    expect(taken).to.have.length(1);
  });

  it("holds a report of another amount, currency or charge for review, without effect", async () => {
    for (const over of [{ amount_total: 1 }, { currency: "eur" }, { id: "cs_another" }]) {
      const { orderId, event } = await paid();
      const object = { ...(event.data.object as object), ...over };
      const raw = JSON.stringify({ ...event, id: `${event.id}_${Object.keys(over)[0]}`, data: { object } });
      expect((await send(raw, signed(raw))).status).to.equal(200);
      const payment = await get(orderId);
      expect(payment?.status).to.equal("requires_action");
      expect(payment?.review).to.be.a("string");
      expect(eventsOf(store, orderId)).to.deep.equal([]);
    }
  });

  it("holds a dispute and a refund that did not arrive for review", async () => {
    for (const [type, fields, words] of [
      ["charge.dispute.created", { object: "dispute", reason: "fraudulent" }, "disputed: fraudulent"],
      ["refund.failed", { object: "refund", id: "re_9" }, "refund re_9 did not arrive"],
    ] as const) {
      const { orderId, event } = await paid();
      const raw = JSON.stringify(event);
      await send(raw, signed(raw));
      const object = { ...fields, payment_intent: [...stripe.ledger.intents.keys()].at(-1) };
      const report = JSON.stringify({ id: `evt_${type}`, object: "event", type, data: { object } });
      expect((await send(report, signed(report))).status).to.equal(200);
      expect(await get(orderId)).to.include({ status: "authorized", review: words });
    }
  });

  it("thanks for what is about nothing of ours", async () => {
    for (const type of ["customer.created", "payment_intent.succeeded"]) {
      const object = { id: "pi_elsewhere", metadata: { orderId: "elsewhere" }, amount: 1, currency: "gbp" };
      const raw = JSON.stringify({ id: `evt_${type}`, object: "event", type, data: { object } });
      expect((await send(raw, signed(raw))).status).to.equal(200);
    }
  });

  it("refuses for good what Stripe does not take, so that the order can be undone", async () => {
    const orderId = anOrderId();
    for (const _ of [1, 2])
      expect(await refusalOf(authorize(orderId, 1))).to.include({ type: "PAYMENT_REFUSED", code: 422 });
    expect(await store.call("payments.void", { orderId })).to.equal(null);
  });

  it("answers 503 while Stripe stays down", async () => {
    const fails = Array.from({ length: 3 }, () => ({ kind: "fail" as const }));
    stripe.faults.plan("POST /v1/checkout/sessions", ...fails);
    const orderId = anOrderId();
    expect(await refusalOf(authorize(orderId))).to.include({
      type: "PAYMENT_PROVIDER_UNAVAILABLE",
      code: 503,
    });
    expect((await authorize(orderId)).status).to.equal("requires_action");
  });

  it("voids what an answer was lost of: the request is sent again under its key, and its page closed", async () => {
    const orderId = anOrderId();
    stripe.faults.plan(
      "POST /v1/checkout/sessions",
      ...Array.from({ length: 3 }, () => ({ kind: "fail" as const })),
    );
    await refusalOf(authorize(orderId));
    expect((await store.call("payments.void", { orderId }))?.status).to.equal("voided");
    expect([...stripe.ledger.sessions.values()].at(-1)?.status).to.equal("expired");
  });
});
