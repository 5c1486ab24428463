import { expect } from "chai";
import { startOrderStore, stock, type OrderStore } from "../../helpers/order-store.ts";
import { aCustomer, anOrder, place, refusalOf, staff } from "../../helpers/shop.ts";

describe("coupons", () => {
  let store: OrderStore;

  before(async () => {
    store = await startOrderStore({ MUG: 1999 });
    await stock(store, { MUG: 10_000 });
    const create = (body: Parameters<typeof store.call<"orders.createCoupon">>[1]) =>
      store.call("orders.createCoupon", body, { meta: { ...staff } });
    await create({ code: "TEN", kind: "percent", value: 10 });
    await create({ code: "FIVER", kind: "amount", value: 500, currency: "GBP" });
    await create({ code: "SHIPFREE", kind: "free_shipping", value: 0 });
    await create({ code: "ONCE", kind: "percent", value: 50, maxUses: 1 });
    await create({ code: "EACH", kind: "percent", value: 50, maxUsesPerCustomer: 1 });
    await create({ code: "OLD", kind: "percent", value: 50, validUntil: "2020-01-01T00:00:00Z" });
  });
  after(() => store.stop());

  const order = (couponCode: string, quantity = 1) => anOrder([{ sku: "MUG", quantity }], { couponCode });
  const uses = async (code: string) =>
    (await store.call("orders.coupons", { limit: 100 })).data.find((one) => one.code === code)?.uses;

  it("takes off a percentage, an amount, or the shipping", async () => {
    expect((await place(store, order("ten", 3))).discount.amount).to.equal(600);
    expect((await place(store, order("FIVER"))).discount.amount).to.equal(500);
    const free = await place(store, order("SHIPFREE"));
    expect([free.shipping.amount, free.discount.amount, free.total.amount]).to.deep.equal([0, 0, 1999]);
  });

  it("never takes off more than the goods cost, and places what is free without a payment", async () => {
    await store.call(
      "orders.createCoupon",
      { code: "ALL", kind: "percent", value: 100 },
      { meta: { ...staff } },
    );
    const before = store.charges;
    const half = await place(store, order("ALL"));
    expect(half.total.amount).to.equal(half.shipping.amount);
    expect(store.charges).to.equal(before + 1);
  });

  it("counts one use of fifty at once of a coupon for one", async () => {
    const all = await Promise.allSettled(Array.from({ length: 50 }, () => place(store, order("ONCE"))));
    expect(all.filter((one) => one.status === "fulfilled")).to.have.length(1);
    expect(await uses("ONCE")).to.equal(1);
  });

  it("counts per customer: account, or the guest's address", async () => {
    await place(store, order("EACH"), aCustomer(1));
    expect(await refusalOf(place(store, order("EACH"), aCustomer(1)))).to.include({
      type: "COUPON_NOT_APPLICABLE",
      code: 422,
    });
    await place(store, order("EACH"), aCustomer(2));
    await place(store, order("EACH"));
    const refusal = await refusalOf(place(store, { ...order("EACH"), email: "ADA@example.com" }));
    expect(refusal.data?.["reason"]).to.equal("You have used this coupon as often as it allows.");
  });

  it("gives the use back when the order is rejected", async () => {
    await store.call(
      "orders.createCoupon",
      { code: "BACK", kind: "percent", value: 5, maxUses: 1 },
      { meta: { ...staff } },
    );
    const declined = { ...order("BACK"), payment: { provider: "test" as const, token: "tok_declined" } };
    expect(await refusalOf(place(store, declined))).to.include({ type: "PAYMENT_DECLINED" });
    expect(await uses("BACK")).to.equal(0);
    expect((await place(store, order("BACK"))).couponCode).to.equal("BACK");
  });

  it("says plainly why a coupon does not apply", async () => {
    const reason = async (code: string) => (await refusalOf(place(store, order(code)))).data?.["reason"];
    expect(await reason("OLD")).to.equal("This coupon has expired.");
    expect(await reason("NONE")).to.equal("There is no such coupon.");
    expect(await reason("ONCE")).to.equal("This coupon has been used up.");
    const euros = { ...order("FIVER"), currency: "EUR" };
    expect((await refusalOf(place(store, euros))).data?.["reason"]).to.equal("This coupon is for GBP only.");
  });
});
