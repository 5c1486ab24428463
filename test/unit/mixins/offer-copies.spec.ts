import { expect } from "chai";
import { OfferCopies } from "../../../mixins/offer-copies.ts";
import type { Offer } from "../../../services/products/products.contract.ts";

const MUG = "0198c0de-0000-7000-8000-000000000001";
const TEA = "0198c0de-0000-7000-8000-000000000002";
const soon = () => new Promise(setImmediate);

describe("offers of another node", () => {
  let now: number;
  let price: number;
  /** Every SKU that was asked for. */
  let asked: string[];
  let looks: string[];
  let changed: () => Promise<string[] | undefined>;
  let copies: OfferCopies;

  const offer = (sku: string, currency: string): Offer => ({
    sku,
    productId: sku === "MUG" ? MUG : TEA,
    slug: sku.toLowerCase(),
    name: sku,
    options: {},
    image: null,
    price: { amount: price, currency },
  });
  const of = (skus: string[], currency = "GBP") =>
    copies.of(skus, currency, async (some) => {
      asked.push(...some);
      const answer = some.filter((sku) => sku !== "GONE").map((sku) => offer(sku, currency));
      await soon();
      return answer;
    });
  const priceOf = async (sku: string, currency?: string) => (await of([sku], currency))[0]?.price.amount;

  beforeEach(() => {
    now = Date.parse("2026-03-01T12:00:00Z");
    price = 100;
    asked = [];
    looks = [];
    changed = () => Promise.resolve([]);
    copies = new OfferCopies({
      now: () => now,
      changedSince: (time) => {
        looks.push(time);
        return changed();
      },
    });
  });

  it("are asked for once, each in each currency, and answered in the order of the SKUs", async () => {
    await of(["MUG"]);
    expect((await of(["TEA", "MUG"])).map(({ sku }) => sku)).to.deep.equal(["TEA", "MUG"]);
    expect(asked).to.deep.equal(["MUG", "TEA"]);
    expect((await of(["MUG"], "EUR"))[0]?.price).to.deep.equal({ amount: 100, currency: "EUR" });
    expect(asked).to.deep.equal(["MUG", "TEA", "MUG"]);
  });

  it("are asked for each time where there is none", async () => {
    expect(await of(["GONE"])).to.deep.equal([]);
    expect(await of(["GONE"])).to.deep.equal([]);
    expect(asked).to.have.length(2);
  });

  it("are asked for anew when their product changed, and only then", async () => {
    await of(["MUG", "TEA"]);
    price = 200;
    copies.forget([MUG]);
    expect([await priceOf("MUG"), await priceOf("TEA")]).to.deep.equal([200, 100]);
  });

  it("are not kept when a change is told while they are on their way", async () => {
    const old = of(["MUG"]);
    price = 200;
    copies.forget([MUG]);
    expect((await old)[0]?.price.amount).to.equal(100);
    expect(await priceOf("MUG")).to.equal(200);
  });

  it("show a change that nobody told of within a second", async () => {
    await of(["MUG", "TEA"]);
    price = 200;
    changed = () => Promise.resolve([MUG]);
    now += 600;
    await of(["TEA"]);
    await soon();
    expect([await priceOf("MUG"), await priceOf("TEA")]).to.deep.equal([200, 100]);
  });

  it("stay right for as long as looks find no change, one look in half a second, from ten seconds before the last", async () => {
    await of(["MUG"]);
    for (let n = 0; n < 40; n++) {
      now += 100;
      await of(["MUG"]);
      await soon();
    }
    expect(asked).to.have.length(1);
    expect(looks).to.have.length(8);
    expect(looks.at(-1)).to.equal(new Date(now - 10_000 - 500).toISOString());
  });

  it("are asked for anew after a second in which nobody looked, or no look was answered", async () => {
    await of(["MUG"]);
    now += 1001;
    changed = () => Promise.reject(new Error("nobody offers it"));
    await of(["MUG"]);
    await soon();
    now += 1001;
    await of(["MUG"]);
    expect(asked).to.have.length(3);
  });

  it("are all asked for anew when there are more changes than can be told", async () => {
    await of(["MUG", "TEA"]);
    changed = () => Promise.resolve(undefined);
    now += 600;
    await of(["MUG"]);
    await soon();
    await of(["MUG", "TEA"]);
    expect(asked).to.deep.equal(["MUG", "TEA", "MUG", "TEA"]);
  });

  it("are asked for anew after a minute whatever the looks say", async () => {
    await of(["MUG"]);
    for (let n = 0; n < 121; n++) {
      now += 500;
      await of(["MUG"]);
      await soon();
    }
    expect(asked).to.have.length(2);
  });

  it("of five thousand SKUs are kept, the oldest goes first", async () => {
    const skus = Array.from({ length: 5001 }, (_, n) => `SKU-${n}`);
    await of(skus);
    asked = [];
    await of([...skus.slice(1), "SKU-0"]);
    expect(asked).to.deep.equal(["SKU-0"]);
  });
});
