import { expect } from "chai";
import { eventually } from "../../helpers/eventually.ts";
import { staff } from "../../helpers/shop.ts";
import type { Problem } from "../../../contract/http-problem.ts";
import { answerBank, startStripeStore, type StripeStore } from "./stripe-store.ts";

const minutes = 60_000;

describe("payments: Stripe", function () {
  this.timeout(30_000);
  let store: StripeStore;

  before(async () => {
    store = await startStripeStore();
  });
  afterEach(() => {
    store.stripe.webhooks.hold = false;
    store.stripe.webhooks.copies = 1;
  });
  after(() => store.stop());

  const open = async () => {
    const { status, body } = await store.order();
    expect(status, JSON.stringify(body)).to.equal(201);
    return { ...body, url: body.payment.nextAction?.url as string };
  };
  const becomes = (id: string, status: string) =>
    eventually(async () => (await store.orderStatus(id)) === status, 10_000);
  const ship = async (id: string) => {
    await store.call("orders.pack", { id }, { meta: staff });
    return store.call("orders.ship", { id }, { meta: staff });
  };
  const intentOf = (orderId: string) =>
    [...store.stripe.ledger.intents.values()].filter((intent) => intent.metadata["orderId"] === orderId);

  it("takes an order by the hosted page: held, paid there, captured at shipping, refunded in part", async () => {
    const order = await open();
    expect(order).to.include({ status: "pending" });
    expect(order.payment).to.deep.include({ status: "requires_action", provider: "stripe" });
    expect(order.url).to.match(new RegExp(`^${store.stripe.url}/c/pay/cs_`));
    const [session] = [...store.stripe.ledger.sessions.values()].slice(-1);
    expect(session).to.include({
      amount_total: order.total.amount,
      currency: "gbp",
      client_reference_id: order.id,
      customer_email: order.email,
    });
    const back = await store.pay(order.url, "pm_card_visa");
    expect(back.status).to.equal(303);
    expect(back.headers.get("location")).to.equal(`${store.url}/orders/${order.id}?placed=1`);
    await becomes(order.id, "confirmed");
    expect(intentOf(order.id)[0]).to.include({ status: "requires_capture", amount_received: 0 });
    const shipped = await ship(order.id);
    expect(shipped.payment).to.deep.include({ status: "captured", captured: order.total });
    expect(intentOf(order.id)[0]).to.include({ status: "succeeded", amount_received: order.total.amount });
    const amount = { amount: 123, currency: "GBP" };
    const meta = { ...staff, idempotencyKey: "refund-in-part" };
    for (const _ of [1, 2])
      await store.call("orders.refund", { id: order.id, amount, reason: "chipped" }, { meta });
    expect((await store.payment(order.id)).refunded).to.deep.equal(amount);
    const [charge] = [...store.stripe.ledger.charges.values()].filter(
      ({ metadata }) => metadata["orderId"] === order.id,
    );
    expect(charge).to.include({ amount_captured: order.total.amount, amount_refunded: 123 });
  });

  it("lets the shopper try another card after a declined one", async () => {
    const order = await open();
    expect((await store.pay(order.url, "pm_card_chargeDeclined")).status).to.equal(402);
    expect(await store.orderStatus(order.id)).to.equal("pending");
    expect((await store.pay(order.url, "pm_card_visa")).status).to.equal(303);
    await becomes(order.id, "confirmed");
    expect(intentOf(order.id)).to.have.length(1);
  });

  it("waits for the bank's word behind the hosted page", async () => {
    const order = await open();
    const bank = (await store.pay(order.url, "pm_card_authenticationRequired")).headers.get(
      "location",
    ) as string;
    expect(bank).to.include("/3ds/");
    await answerBank(bank, false);
    expect(await store.orderStatus(order.id)).to.equal("pending");
    const again = (await store.pay(order.url, "pm_card_authenticationRequired")).headers.get(
      "location",
    ) as string;
    await answerBank(again, true);
    await becomes(order.id, "confirmed");
  });

  it("charges a card that was collected before, and says 402 when it is declined", async () => {
    const good = await store.order("pm_card_visa");
    expect(good.body).to.include({ status: "confirmed" });
    const cases = {
      pm_card_chargeDeclined: "declined",
      pm_card_chargeDeclinedInsufficientFunds: "insufficient_funds",
    };
    for (const [token, reason] of Object.entries(cases)) {
      const bad = (await store.order(token)) as unknown as {
        status: number;
        body: Problem & { reason?: string };
      };
      expect(bad.status).to.equal(402);
      expect(bad.body.code).to.equal("PAYMENT_DECLINED");
      expect(JSON.stringify(bad.body)).to.include(reason);
    }
    const unknown = await store.order("pm_nobody_knows");
    expect(unknown.status).to.equal(422);
    expect(unknown.body).to.include({ code: "PAYMENT_TOKEN_UNKNOWN" });
  });

  it("follows 3-D Secure of a card that was collected before", async () => {
    const { body } = await store.order("pm_card_authenticationRequired");
    expect(body.payment.status).to.equal("requires_action");
    await answerBank(body.payment.nextAction?.url as string, true);
    await becomes(body.id, "confirmed");
  });

  it("cancels before shipping: the authorization is let go at Stripe", async () => {
    const order = await open();
    await store.pay(order.url, "pm_card_visa");
    await becomes(order.id, "confirmed");
    await store.call("orders.adminCancel", { id: order.id }, { meta: staff });
    expect(intentOf(order.id)[0]?.status).to.equal("canceled");
    expect((await store.payment(order.id)).status).to.equal("voided");
  });

  it("sends one request under one key when Stripe fails, limits or loses the answer", async () => {
    const call = "POST /v1/checkout/sessions";
    for (const kind of ["fail", "limit", "lose"] as const) {
      const before = store.stripe.ledger.sessions.size;
      store.stripe.faults.plan(call, { kind });
      const order = await open();
      const keys = store.stripe.calls.filter((one) => one.call === call && one.key?.startsWith(order.id));
      expect(keys.length, kind).to.be.at.least(2);
      expect(new Set(keys.map(({ key }) => key)), kind).to.have.lengthOf(1);
      expect(store.stripe.ledger.sessions.size, kind).to.equal(before + 1);
    }
  });

  it("captures once when the answer of the capture is lost", async () => {
    const order = await open();
    await store.pay(order.url, "pm_card_visa");
    await becomes(order.id, "confirmed");
    const [intent] = intentOf(order.id);
    store.stripe.faults.plan(`POST /v1/payment_intents/${intent?.id ?? ""}/capture`, { kind: "lose" });
    expect((await ship(order.id)).payment.status).to.equal("captured");
  });

  it("asks again under a new key when Stripe keeps failing: a failure may be kept as a key's answer", async () => {
    const call = "POST /v1/checkout/sessions";
    store.stripe.faults.plan(call, ...Array.from({ length: 3 }, () => ({ kind: "fail" as const })));
    const order = await open();
    const keys = store.stripe.calls.filter((one) => one.call === call && one.key?.startsWith(order.id));
    expect(keys.map(({ key }) => key?.split(":").at(-1))).to.deep.equal(["1", "1", "1", "2"]);
  });

  for (const [way, prepare] of [
    [
      "before the answer",
      () => store.stripe.faults.plan("POST /v1/payment_intents", { kind: "slow", ms: 300 }),
    ],
    ["twice", () => (store.stripe.webhooks.copies = 2)],
  ] as const)
    it(`takes a report that comes ${way}`, async () => {
      prepare();
      const { body } = await store.order("pm_card_visa");
      await becomes(body.id, "confirmed");
      expect(intentOf(body.id)).to.have.length(1);
      await eventually(() => store.stripe.webhooks.undelivered().length === 0);
      const changes = (await store.call("orders.adminGet", { id: body.id }, { meta: staff })).events;
      expect(changes.map(({ type }) => type)).to.deep.equal(["placed", "confirmed"]);
    });

  it("takes reports in the wrong order", async () => {
    store.stripe.webhooks.hold = true;
    const order = await open();
    await store.pay(order.url, "pm_card_chargeDeclined");
    await store.pay(order.url, "pm_card_visa");
    await store.stripe.webhooks.release("last");
    await becomes(order.id, "confirmed");
    await ship(order.id);
    await store.stripe.webhooks.release("last");
    expect((await store.payment(order.id)).status).to.equal("captured");
  });

  it("finds out by itself what became of a payment whose reports were lost", async () => {
    store.stripe.webhooks.hold = true;
    const order = await open();
    await store.pay(order.url, "pm_card_visa");
    store.stripe.webhooks.lose();
    store.clock.advance(10_000);
    await becomes(order.id, "confirmed");
  });

  it("closes the hosted page of an order that expired", async () => {
    const order = await open();
    store.clock.advance(31 * minutes);
    await becomes(order.id, "expired");
    expect((await store.pay(order.url, "pm_card_visa")).status).to.equal(410);
    expect(intentOf(order.id)).to.deep.equal([]);
  });

  it("lets go of what was paid in the moment before the order expired, whatever was reported", async () => {
    store.stripe.webhooks.hold = true;
    const order = await open();
    // The store looks at Stripe once more only when the order is due.
    await store.pay(order.url, "pm_card_visa");
    const id = order.url.split("/").at(-1) as string;
    store.stripe.faults.plan(
      `GET /v1/checkout/sessions/${id}`,
      ...Array.from({ length: 3 }, () => ({ kind: "limit" as const })),
    );
    store.clock.advance(31 * minutes);
    await becomes(order.id, "expired");
    await eventually(() => intentOf(order.id)[0]?.status === "canceled", 10_000);
    await store.stripe.webhooks.release();
    expect((await store.payment(order.id)).status).to.equal("voided");
    expect(await store.orderStatus(order.id)).to.equal("expired");
  });

  it("books a refund that was made at Stripe, also when its report never arrived", async () => {
    const order = await open();
    await store.pay(order.url, "pm_card_visa");
    await becomes(order.id, "confirmed");
    await ship(order.id);
    store.stripe.webhooks.hold = true;
    store.stripe.ledger.refund(intentOf(order.id)[0]?.id ?? "", 77, {});
    store.stripe.webhooks.lose();
    store.clock.advance(6 * minutes);
    await eventually(async () => (await store.payment(order.id)).refunded.amount === 77, 10_000);
  });

  it("ends with no violation, Stripe's ledger equal to ours; verify names a penny that differs", async () => {
    await store.expectClean();
    const charge = [...store.stripe.ledger.charges.values()].find((one) => one.amount_captured > 0)!;
    charge.amount_refunded += 1;
    expect(await store.violations()).to.match(/^I9 order \S+: captured \d+, refunded \d+; the provider says/);
  });
});
