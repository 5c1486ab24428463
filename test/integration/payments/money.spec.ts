import { expect } from "chai";
import { uuidv7 } from "../../../mixins/uuid.ts";
import { refusalOf } from "../../helpers/shop.ts";
import type { TestStore } from "../../helpers/store.ts";
import {
  anOrderId,
  authorize,
  chargesOf,
  eventsOf,
  gbp,
  ledgerOf,
  rowsOf,
  meetInDatabase,
  startPayments,
} from "./payment-store.ts";

const newId = uuidv7({ now: () => Date.now() });
const many = <R>(n: number, work: (i: number) => Promise<R>) =>
  Promise.allSettled(Array.from({ length: n }, (_, i) => work(i)));
const typesOf = (results: PromiseSettledResult<unknown>[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const result of results) {
    const type = result.status === "fulfilled" ? "ok" : (result.reason as { type: string }).type;
    counts[type] = (counts[type] ?? 0) + 1;
  }
  return counts;
};

/** Calls of one order take turns within a process; without, they meet in the database alone, as those of two nodes do. */
const ways = { "in one process": false, "as on many nodes": true };

for (const [way, apart] of Object.entries(ways))
  describe(`payments: money, ${way}`, () => {
    let store: TestStore;

    before(async () => {
      store = await startPayments();
      if (apart) meetInDatabase(store);
    });
    after(() => store.stop());

    const get = (orderId: string) => store.call("payments.get", { orderId });
    const refund = (orderId: string, amount: number, refundId = newId()) =>
      store.call("payments.refund", { orderId, refundId, amount: gbp(amount), reason: "test" });

    it("charges once for 50 authorizations of one order at once", async () => {
      const orderId = anOrderId();
      const payments = await Promise.all(Array.from({ length: 50 }, () => authorize(store, orderId)));
      for (const payment of payments) expect(payment).to.deep.equal(payments[0]);
      expect(chargesOf(store, orderId)).to.have.length(1);
      expect(eventsOf(store, orderId)).to.deep.equal(["payments.authorized"]);
    });

    it("refuses another amount for the same order", async () => {
      const orderId = anOrderId();
      await authorize(store, orderId);
      const refusal = await refusalOf(authorize(store, orderId, "tok_visa", 6000));
      expect(refusal).to.include({ type: "PAYMENT_AMOUNT_CHANGED", code: 409 });
    });

    it("captures once, and books both halves", async () => {
      const orderId = anOrderId();
      await authorize(store, orderId);
      expect(typesOf(await many(20, () => store.call("payments.capture", { orderId })))).to.deep.equal({
        ok: 20,
      });
      expect(await get(orderId)).to.deep.include({ status: "captured", captured: gbp(5000) });
      expect(ledgerOf(store, orderId)).to.deep.equal({ "receivable:test": 5000, sales: -5000 });
      expect(chargesOf(store, orderId)[0]).to.include({ status: "captured", captured: 5000 });
      expect(eventsOf(store, orderId)).to.deep.equal(["payments.authorized", "payments.captured"]);
    });

    it("captures nothing that is not authorized", async () => {
      const orderId = anOrderId();
      const none = await refusalOf(store.call("payments.capture", { orderId }));
      expect(none).to.include({ type: "PAYMENT_NOT_AUTHORIZED", code: 409 });
      await authorize(store, orderId, "tok_declined");
      const failed = await refusalOf(store.call("payments.capture", { orderId }));
      expect(failed).to.include({ type: "PAYMENT_NOT_AUTHORIZED", code: 409 });
    });

    it("never gives back more than was captured: 50 refunds at once", async () => {
      const orderId = anOrderId();
      await authorize(store, orderId, "tok_visa", 1000);
      await store.call("payments.capture", { orderId });
      const results = await many(50, () => refund(orderId, 100));
      expect(typesOf(results)).to.deep.equal({ ok: 10, REFUND_EXCEEDS_CAPTURE: 40 });
      expect((await get(orderId))?.refunded).to.deep.equal(gbp(1000));
      expect(chargesOf(store, orderId)[0]?.refunded).to.equal(1000);
      expect(ledgerOf(store, orderId)).to.deep.equal({ "receivable:test": 0, sales: -1000, refunds: 1000 });
    });

    it("counts a refund id once, and refuses it with another amount", async () => {
      const orderId = anOrderId();
      await authorize(store, orderId);
      await store.call("payments.capture", { orderId });
      const id = newId();
      expect(typesOf(await many(20, () => refund(orderId, 700, id)))).to.deep.equal({ ok: 20 });
      expect((await get(orderId))?.refunded).to.deep.equal(gbp(700));
      expect(await refusalOf(refund(orderId, 800, id))).to.include({ type: "REFUND_ID_REUSED" });
      expect(eventsOf(store, orderId).filter((type) => type === "payments.refunded")).to.have.length(1);
    });

    it("gives nothing back of what was not captured, in another currency or below 1", async () => {
      const orderId = anOrderId();
      await authorize(store, orderId);
      expect(await refusalOf(refund(orderId, 1))).to.include({ type: "REFUND_EXCEEDS_CAPTURE", code: 409 });
      await store.call("payments.capture", { orderId });
      const euros = { orderId, refundId: newId(), amount: { amount: 1, currency: "EUR" }, reason: "" };
      expect(await refusalOf(store.call("payments.refund", euros))).to.include({
        type: "REFUND_EXCEEDS_CAPTURE",
      });
      expect((await refusalOf(refund(orderId, 0))).code).to.equal(422);
      expect((await refusalOf(refund(orderId, -5))).code).to.equal(422);
    });

    it("voids an authorization; later authorizations answer voided", async () => {
      const orderId = anOrderId();
      await authorize(store, orderId);
      expect((await store.call("payments.void", { orderId }))?.status).to.equal("voided");
      expect((await store.call("payments.void", { orderId }))?.status).to.equal("voided");
      expect((await authorize(store, orderId)).status).to.equal("voided");
      expect(chargesOf(store, orderId)[0]?.status).to.equal("voided");
      expect(eventsOf(store, orderId)).to.deep.equal(["payments.authorized", "payments.voided"]);
      expect(await refusalOf(store.call("payments.capture", { orderId }))).to.include({ code: 409 });
    });

    it("voids before any payment: a late authorization is answered voided and charges nothing", async () => {
      const orderId = anOrderId();
      expect(await store.call("payments.void", { orderId })).to.equal(null);
      expect(await get(orderId)).to.equal(null);
      expect(await authorize(store, orderId)).to.deep.include({ status: "voided", amount: gbp(5000) });
      expect(chargesOf(store, orderId)).to.deep.equal([]);
    });

    it("refunds in full what is voided after its capture, beside what went back before", async () => {
      const orderId = anOrderId();
      await authorize(store, orderId);
      await store.call("payments.capture", { orderId });
      await refund(orderId, 1200);
      const voided = await store.call("payments.void", { orderId });
      expect(voided).to.deep.include({ status: "voided", captured: gbp(5000), refunded: gbp(5000) });
      expect(chargesOf(store, orderId)[0]?.refunded).to.equal(5000);
      await store.call("payments.void", { orderId });
      expect(ledgerOf(store, orderId)).to.deep.equal({ "receivable:test": 0, sales: -5000, refunds: 5000 });
    });

    it("leaves a failed payment failed when it is voided", async () => {
      const orderId = anOrderId();
      await authorize(store, orderId, "tok_declined");
      expect((await store.call("payments.void", { orderId }))?.status).to.equal("failed");
    });

    it("never ends charged and voided, whichever of authorize and void comes first", async () => {
      const tokens = [
        "tok_visa",
        "tok_error_once",
        "tok_timeout_after_charge",
        "tok_3ds",
        "tok_webhook_twice",
      ];
      await many(50, async (i) => {
        const orderId = anOrderId();
        const token = tokens[i % tokens.length] as string;
        const calls = [
          () => authorize(store, orderId, token),
          () => store.call("payments.void", { orderId }),
        ];
        await Promise.allSettled((i % 2 ? calls : calls.reverse()).map((call) => call()));
        const [charge] = chargesOf(store, orderId);
        expect(charge?.status ?? "voided", token).to.equal("voided");
        expect((await authorize(store, orderId, token)).status).to.equal("voided");
      }).then((results) => expect(typesOf(results)).to.deep.equal({ ok: 50 }));
    });

    it("lists payments newest first by status", async () => {
      await authorize(store, anOrderId(), "tok_declined");
      const first = await store.call("payments.list", { limit: 2, status: "failed" });
      expect(first.data).to.have.length(2);
      const next = await store.call("payments.list", {
        limit: 100,
        cursor: first.page.next as string,
        status: "failed",
      });
      const ids = [...first.data, ...next.data].map(({ id }) => id);
      expect(ids).to.deep.equal([...ids].sort().reverse());
      expect(new Set(ids).size).to.equal(ids.length);
    });

    it("has a ledger in which every booking sums to 0", () => {
      const odd = rowsOf(
        store,
        "payments",
        "select entry_of from ledger_entries group by entry_of, currency having sum(amount) <> 0",
      );
      expect(odd).to.deep.equal([]);
    });
  });
