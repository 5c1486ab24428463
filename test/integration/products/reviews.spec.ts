import { expect } from "chai";
import { aCustomer, refusalOf, staff } from "../../helpers/shop.ts";
import type { TestStore } from "../../helpers/store.ts";
import { aThing, customerId, startCatalogue } from "./catalogue.ts";

describe("reviews", () => {
  let store: TestStore;
  let product: string;
  const bought = new Set(Array.from({ length: 9 }, (_, i) => customerId(i + 1)));
  before(async () => {
    store = await startCatalogue({ "orders.hasBought": ({ params }) => bought.has(params.customerId) });
    product = (await store.call("products.create", aThing("REVIEWED"), { meta: staff })).id;
  });
  after(() => store.stop());

  const review = (n: number, rating: number) =>
    store.call(
      "products.addReview",
      { id: product, rating, title: `Title ${n}`, text: "Text" },
      { meta: aCustomer(n) },
    );
  const rating = async () =>
    (await store.call("products.get", { idOrSlug: product, currency: "GBP" })).rating;

  it("are signed with first name and initial, and count at once", async () => {
    const made = await review(1, 5);
    expect(made).to.include({ author: "Ada L.", rating: 5, status: "published" });
    await review(2, 2);
    expect(await rating()).to.deep.equal({ average: 3.5, count: 2 });
  });

  it("are one per customer, of customers who bought it", async () => {
    const again = await refusalOf(review(1, 1));
    expect([again.code, again.type]).to.deep.equal([409, "ALREADY_REVIEWED"]);
    const stranger = await refusalOf(review(20, 1));
    expect([stranger.code, stranger.type]).to.deep.equal([403, "NOT_BOUGHT"]);
  });

  it("all count when they come at the same moment", async () => {
    await Promise.all([3, 4, 5, 6].map((n) => review(n, 4)));
    expect(await rating()).to.deep.equal({ average: 3.83, count: 6 });
  });

  it("page newest first without the hidden ones, which no longer count", async () => {
    const { data: all } = await store.call("products.adminReviews", { limit: 100 });
    const hidden = all.find(({ title }) => title === "Title 2")!;
    await store.call("products.moderateReview", { id: hidden.id, status: "hidden" }, { meta: staff });
    expect(await rating()).to.deep.equal({ average: 4.2, count: 5 });
    const seen: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await store.call("products.reviews", { id: product, limit: 2, ...(cursor && { cursor }) });
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.page.next;
    }
    expect(seen).to.deep.equal(all.filter(({ id }) => id !== hidden.id).map(({ id }) => id));
    const { data } = await store.call("products.adminReviews", { status: "hidden" });
    expect(data.map(({ id }) => id)).to.deep.equal([hidden.id]);
  });

  it("answer 404 for a review that is not there", async () => {
    const lost = store.call("products.moderateReview", { id: product, status: "hidden" }, { meta: staff });
    expect((await refusalOf(lost)).type).to.equal("REVIEW_NOT_FOUND");
  });
});
