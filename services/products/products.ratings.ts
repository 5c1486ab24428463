import { isType } from "../../contract/errors.ts";
import type { ProductsActor } from "./products.actor.ts";
import { tellChange } from "./products.create.ts";

/** Pure: average to two decimals, so that it reads the same everywhere. */
export function ratingOf(stars: readonly number[]): { average: number; count: number } {
  const count = stars.length;
  const sum = stars.reduce((all, one) => all + one, 0);
  return { average: count === 0 ? 0 : Math.round((sum / count) * 100) / 100, count };
}

/** Works the product's rating out anew, then takes the mark off the review; after a crash between, `countAll` does it. */
export async function countReview(actor: ProductsActor, reviewId: string): Promise<void> {
  const review = await actor.documents.reviews.get(reviewId);
  if (review) await actor.ratings.take(review.productId, () => count(actor, reviewId));
}

/** In turn per product: a rating that was worked out earlier must not be written later. */
async function count({ documents }: ProductsActor, reviewId: string): Promise<void> {
  const review = await documents.reviews.get(reviewId);
  if (!review?.uncounted) return;
  const all = await documents.reviews.find("productId", [review.productId]);
  const rating = ratingOf(all.filter(({ status }) => status === "published").map((one) => one.rating));
  const rated = documents.products.update(review.productId, undefined, (now, log) => {
    tellChange(log, now, "updated");
    return { ...now, rating };
  });
  await rated.catch(unless("PRODUCT_NOT_FOUND"));
  const marked = documents.reviews.update(
    reviewId,
    review.version,
    ({ uncounted: _, ...counted }) => counted,
  );
  // It was moderated meanwhile, and is counted again after that.
  await marked.catch(unless("VERSION_MISMATCH"));
}

const unless = (type: string) => (error: unknown) => {
  if (!isType(error, type)) throw error;
};

/** Counts what a crash left uncounted. */
export async function countAll(actor: ProductsActor): Promise<void> {
  for (const { id } of await actor.documents.reviews.find("uncounted", ["yes"])) await countReview(actor, id);
}
