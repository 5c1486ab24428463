import type { Handler } from "../../contract/implement.ts";
import { decodeCursor, encodeCursor } from "../../mixins/cursor.ts";
import type { RangeQuery } from "../../mixins/document-types.ts";
import type { ProductsActor, ReviewDocument } from "./products.actor.ts";
import type contract from "./products.contract.ts";
import type { Review } from "./products.contract.ts";
import { notBought, reviewNotFound } from "./products.errors.ts";
import { soldProduct } from "./products.get.ts";
import { countReview } from "./products.ratings.ts";
import { fieldsOf } from "./products.update.ts";
import { reviewOf } from "./products.view.ts";

/** Behind every id. */
const END = "~";
const DEFAULT_LIMIT = 20;

interface Page {
  data: Review[];
  page: { next: string | null };
}

/** A page of reviews from a cursor on; those that `wanted` does not want are passed over. */
async function pageOf(
  start: string,
  read: (from: string, limit: number) => Promise<ReviewDocument[]>,
  wanted: (review: ReviewDocument) => boolean,
  { limit = DEFAULT_LIMIT, cursor }: { limit?: number; cursor?: string },
): Promise<Page> {
  const found: ReviewDocument[] = [];
  let from = cursor === undefined ? start : String(decodeCursor(cursor, ["string"])[0]);
  for (;;) {
    const some = await read(from, limit + 1);
    found.push(...some.filter(wanted));
    from = some.at(-1)?.id ?? "";
    if (found.length > limit || some.length <= limit) break;
  }
  const data = found.slice(0, limit);
  const next = found.length > limit ? encodeCursor([data.at(-1)?.id ?? ""]) : null;
  return { data: data.map(reviewOf), page: { next } };
}

const published = ({ status }: ReviewDocument): boolean => status === "published";

export const reviews: Handler<typeof contract, "reviews", ProductsActor> = async function ({ params }) {
  const { id } = await soldProduct(this, params.id);
  const read = (before: string, limit: number) => {
    const bounds: RangeQuery = { after: `${id}|`, before: `${id}|${before}`, limit, descending: true };
    return this.documents.reviews.range("ofProduct", bounds);
  };
  return pageOf(END, read, published, params);
};

export const adminReviews: Handler<typeof contract, "adminReviews", ProductsActor> = async function ({
  params,
}) {
  const { status, sort = "-at" } = params;
  const descending = sort === "-at";
  const read = (from: string, limit: number) =>
    this.documents.reviews.range("id", { [descending ? "before" : "after"]: from, limit, descending });
  const wanted = (review: ReviewDocument) => status === undefined || review.status === status;
  return pageOf(descending ? END : "", read, wanted, params);
};

/** First name and initial: reviews are public. */
function signatureOf(name: string): string {
  const [first = "", ...rest] = name.trim().split(/\s+/);
  const initial = [...(rest.at(-1) ?? "")][0];
  return initial === undefined ? first : `${first} ${initial}.`;
}

export const addReview: Handler<typeof contract, "addReview", ProductsActor> = async function (ctx) {
  const { rating, title, text } = ctx.params;
  const store = this.documents.reviews;
  const { id: productId } = await soldProduct(this, ctx.params.id);
  const made = await store.once(ctx, async (once) => {
    const customerId = ctx.meta.caller?.kind === "account" ? ctx.meta.caller.id : undefined;
    if (customerId === undefined || !(await ctx.call("orders.hasBought", { customerId, productId })))
      throw notBought();
    const { name } = await ctx.call("users.me", {});
    const id = this.newId();
    const keys = {
      by: `${productId}|${customerId}`,
      ofProduct: `${productId}|${id}`,
      uncounted: "yes",
    } as const;
    const review = {
      id,
      productId,
      author: signatureOf(name),
      rating,
      title,
      text,
      status: "published",
    } as const;
    return store.insert({ ...review, ...keys }, undefined, once);
  });
  if (made.uncounted) await countReview(this, made.id);
  return reviewOf(made);
};

export const moderateReview: Handler<typeof contract, "moderateReview", ProductsActor> = async function (
  ctx,
) {
  const { id, status } = ctx.params;
  const { meta } = ctx;
  const store = this.documents.reviews;
  if (!(await store.get(id))) throw reviewNotFound();
  const changed = await store.once(ctx, (once) =>
    store.update(
      id,
      undefined,
      (now, log) => {
        const states = { before: fieldsOf(now, ["status"]), after: { status } };
        log.audit({ action: "products.moderateReview", entity: "review", entityId: id, ...states, meta });
        return { ...now, status, uncounted: "yes" };
      },
      once,
    ),
  );
  await countReview(this, id);
  return reviewOf(changed);
};
