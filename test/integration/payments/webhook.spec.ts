import { createHmac } from "node:crypto";
import { expect } from "chai";
import type { Charge } from "../../../services/payments/payments.provider.ts";
import { signedHeaders } from "../../../services/payments/payments.signature.ts";
import { refusalOf } from "../../helpers/shop.ts";
import { contextOf } from "../../../mixins/context.ts";
import { eventually } from "../../helpers/eventually.ts";
import type { TestStore } from "../../helpers/store.ts";
import { anOrderId, authorize, chargesOf, eventsOf, gbp, rowsOf, startPayments } from "./payment-store.ts";

describe("payments.webhook", () => {
  let store: TestStore;
  let secret: string;

  before(async () => {
    store = await startPayments();
    const { appSecret } = contextOf(store.broker).config;
    secret = createHmac("sha256", appSecret).update("payments:test:webhook").digest("base64");
  });
  after(() => store.stop());

  const report = (orderId: string, over: Partial<Charge> = {}): string => {
    const charge = chargesOf(store, orderId)[0];
    return JSON.stringify({
      type: "charge",
      charge: {
        id: charge?.id,
        orderId,
        status: "authorized",
        currency: "GBP",
        amount: 5000,
        captured: 0,
        refunded: 0,
        ...over,
      },
    });
  };
  const send = (headers: Record<string, string>, raw: string, provider: "test" | "stripe" = "test") =>
    store.call("payments.webhook", { provider }, { meta: { webhook: { headers, raw } } });
  const signed = (id: string, raw: string, at = store.clock.now()) => signedHeaders(secret, id, raw, at);
  const get = (orderId: string) => store.call("payments.get", { orderId });

  it("takes a signed report once", async () => {
    const orderId = anOrderId();
    await authorize(store, orderId, "tok_3ds");
    const raw = report(orderId);
    const headers = signed("evt_1", raw);
    await Promise.all(Array.from({ length: 10 }, () => send(headers, raw)));
    expect(await get(orderId)).to.include({ status: "authorized", version: 2 });
    expect(eventsOf(store, orderId)).to.deep.equal(["payments.authorized"]);
    expect(
      rowsOf(store, "payments", "select * from provider_events where event_id = 'evt_1'"),
    ).to.have.length(1);
  });

  it("refuses a missing, wrong or foreign signature with 400, without effect", async () => {
    const orderId = anOrderId();
    await authorize(store, orderId, "tok_3ds");
    const raw = report(orderId);
    const good = signed("evt_2", raw);
    const cases: [Record<string, string>, string][] = [
      [{}, raw],
      [good, `${raw} `],
      [{ ...good, "webhook-id": "evt_3" }, raw],
      [{ ...good, "webhook-timestamp": String(Number(good["webhook-timestamp"]) + 1) }, raw],
      [{ ...good, "webhook-signature": "v1,AAAA" }, raw],
      [signedHeaders("another secret", "evt_2", raw, store.clock.now()), raw],
    ];
    for (const [headers, body] of cases)
      expect(await refusalOf(send(headers, body))).to.include({ type: "SIGNATURE_INVALID", code: 400 });
    expect((await get(orderId))?.status).to.equal("requires_action");
  });

  it("refuses a report older than five minutes, and one from the future", async () => {
    const orderId = anOrderId();
    await authorize(store, orderId, "tok_3ds");
    const raw = report(orderId);
    const now = store.clock.now();
    for (const away of [-301_000, 301_000])
      expect(await refusalOf(send(signed("evt_4", raw, now + away), raw))).to.include({ code: 400 });
    await send(signed("evt_4", raw, now - 290_000), raw);
    expect((await get(orderId))?.status).to.equal("authorized");
  });

  it("answers 404 for a provider that is not switched on", async () => {
    const refusal = await refusalOf(send({}, "{}", "stripe"));
    expect(refusal).to.include({ type: "PROVIDER_UNKNOWN", code: 404 });
  });

  it("holds a report of another amount or charge for review, without effect", async () => {
    for (const over of [{ amount: 1 }, { currency: "EUR" }, { id: "another" }]) {
      const orderId = anOrderId();
      await authorize(store, orderId, "tok_3ds");
      const raw = report(orderId, over);
      await send(signed(`evt_5${JSON.stringify(over).length}`, raw), raw);
      expect(await get(orderId)).to.include({ status: "requires_action" });
      expect(eventsOf(store, orderId)).to.deep.equal([]);
      const [row] = rowsOf<{ review: string }>(
        store,
        "payments",
        "select review from payments where order_id = ?",
        orderId,
      );
      expect(row?.review).to.be.a("string");
    }
  });

  it("takes no old news: authorized after captured, failed after authorized", async () => {
    const orderId = anOrderId();
    await authorize(store, orderId);
    await store.call("payments.capture", { orderId });
    const raw = report(orderId, { captured: 0 });
    await send(signed("evt_6", raw), raw);
    const failed = report(orderId, { status: "failed" });
    await send(signed("evt_7", failed), failed);
    expect(await get(orderId)).to.deep.include({ status: "captured", captured: gbp(5000) });
  });

  it("lets go of a charge that is authorized after its order was voided", async () => {
    const orderId = anOrderId();
    await authorize(store, orderId, "tok_webhook_late");
    await store.call("payments.void", { orderId });
    await eventually(() => chargesOf(store, orderId)[0]?.status === "voided");
    const raw = report(orderId, { status: "authorized" });
    await send(signed("evt_8", raw), raw);
    expect(await get(orderId)).to.include({ status: "voided" });
    expect(chargesOf(store, orderId)[0]?.status).to.equal("voided");
  });
});
