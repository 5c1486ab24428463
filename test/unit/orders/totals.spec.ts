import { expect } from "chai";
import fc from "fast-check";
import { allocate, refundOfUnits } from "../../../services/orders/orders.allocate.ts";
import { defaultRates, ratesOf } from "../../../services/orders/orders.rates.ts";
import { mayMove, orderMoves } from "../../../services/orders/orders.status.ts";
import { totalsOf, type Discount } from "../../../services/orders/orders.totals.ts";

const lines = fc.array(
  fc.record({
    quantity: fc.integer({ min: 1, max: 100_000 }),
    unitPrice: fc.integer({ min: 0, max: 10_000_000 }),
  }),
  { maxLength: 20 },
);
const coupon: fc.Arbitrary<Discount | undefined> = fc.option(
  fc.oneof(
    fc.record({ kind: fc.constant("percent" as const), value: fc.integer({ min: 1, max: 100 }) }),
    fc.record({ kind: fc.constant("amount" as const), value: fc.integer({ min: 1, max: 1_000_000_000 }) }),
    fc.record({ kind: fc.constant("free_shipping" as const), value: fc.constant(0) }),
  ),
  { nil: undefined },
);
const rates = fc.constantFrom(...Object.values(defaultRates));

describe("totals", () => {
  it("are integers whose sum is exact, and never below 0 (I8)", () => {
    fc.assert(
      fc.property(
        lines,
        coupon,
        rates,
        fc.integer({ min: 0, max: 100_000 }),
        (bought, taken, country, shippingPrice) => {
          const sums = totalsOf(bought, { coupon: taken, shippingPrice, rates: country });
          const subtotal = bought.reduce((sum, line) => sum + line.unitPrice * line.quantity, 0);
          expect(sums.subtotal).to.equal(subtotal);
          expect(sums.total).to.equal(subtotal - sums.discount + (sums.shipping ?? 0) + (sums.tax ?? 0));
          for (const amount of Object.values(sums))
            expect(amount).to.satisfy((n: number) => Number.isSafeInteger(n) && n >= 0);
          expect(sums.discount).to.be.at.most(subtotal);
          expect(sums.includedTax).to.be.at.most(sums.total);
        },
      ),
    );
  });

  it("round half away from zero", () => {
    const rate = {
      taxRate: 1000,
      taxIncluded: false,
      shipping: defaultRates["GB"]!.shipping,
      days: defaultRates["GB"]!.days,
    };
    expect(totalsOf([{ quantity: 1, unitPrice: 5 }], { rates: rate }).tax).to.equal(1);
    expect(totalsOf([{ quantity: 1, unitPrice: 4 }], { rates: rate }).tax).to.equal(0);
    expect(
      totalsOf([{ quantity: 1, unitPrice: 5 }], { coupon: { kind: "percent", value: 10 } }).discount,
    ).to.equal(1);
  });

  it("leave shipping and tax open while the country is not known", () => {
    expect(totalsOf([{ quantity: 2, unitPrice: 100 }], {})).to.deep.equal({
      subtotal: 200,
      discount: 0,
      shipping: null,
      tax: null,
      includedTax: null,
      total: 200,
    });
  });

  it("know countries that exist, and no others", () => {
    expect(ratesOf(defaultRates, "GB")?.taxRate).to.equal(2000);
    expect(ratesOf(defaultRates, "JP")).to.equal(defaultRates["*"]);
    expect(ratesOf(defaultRates, "ZZ")).to.equal(undefined);
    expect(ratesOf(defaultRates, "__")).to.equal(undefined);
  });
});

describe("sharing an amount", () => {
  it("gives every minor unit to somebody, in proportion", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1_000_000_000 }),
        fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 30 }),
        (amount, weights) => {
          const parts = allocate(amount, weights);
          expect(parts.reduce((sum, part) => sum + part, 0)).to.equal(amount);
          const sum = weights.reduce((a, b) => a + b, 0);
          if (sum > 0)
            parts.forEach((part, i) =>
              expect(Math.abs(part - (amount * (weights[i] ?? 0)) / sum)).to.be.below(1.0001),
            );
        },
      ),
    );
  });

  it("refunds a line in any parts to what was paid for it", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 10 }),
        (paid, parts) => {
          const quantity = parts.reduce((sum, part) => sum + part, 0);
          let returned = 0;
          let refunded = 0;
          for (const part of parts) {
            refunded += refundOfUnits(paid, quantity, returned, part);
            returned += part;
          }
          expect(refunded).to.equal(paid);
        },
      ),
    );
  });
});

describe("the order's chart", () => {
  it("has no way out of an end, and none back", () => {
    for (const end of ["cancelled", "rejected", "expired", "returned"] as const)
      expect(orderMoves[end]).to.deep.equal([]);
    expect(mayMove("shipped", "cancelled")).to.equal(false);
    expect(mayMove("confirmed", "shipped")).to.equal(true);
  });
});
