import { isType } from "../../contract/errors.ts";
import type { Handler } from "../../contract/implement.ts";
import type { ChangeLog, Draft } from "../../mixins/document-types.ts";
import type { ProductDocument, ProductsActor } from "./products.actor.ts";
import type contract from "./products.contract.ts";
import { newProduct } from "./products.draft.ts";
import { unknownCategories } from "./products.errors.ts";
import { productOf } from "./products.view.ts";

/** Names that are tried with a number behind them before a part of the id takes its place. */
const NUMBERED = 20;

/** Tells who keeps something by product: stock rows, feeds. */
export function tellChange(
  log: ChangeLog,
  { id, slug, variants }: Pick<ProductDocument, "id" | "slug" | "variants">,
  kind: "created" | "updated" | "removed",
): void {
  log.publish("products.changed", {
    id,
    slug,
    kind,
    version: log.version,
    skus: variants.map(({ sku }) => sku),
  });
}

/** @throws 422 `CATEGORY_NOT_FOUND` */
export async function checkCategories(actor: ProductsActor, slugs: readonly string[]): Promise<void> {
  const found = await Promise.all(slugs.map((slug) => actor.documents.categories.hot(slug)));
  const unknown = slugs.filter((_, i) => found[i] === undefined);
  if (unknown.length > 0) throw unknownCategories(unknown);
}

/** Writes a draft under its slug, or under the next free one like it. */
export async function withFreeSlug<R>(
  draft: Draft<ProductDocument>,
  write: (draft: Draft<ProductDocument>) => Promise<R>,
): Promise<R> {
  for (let number = 1; ; number += 1) {
    const tail = number > NUMBERED ? draft.id.slice(-12) : String(number);
    try {
      return await write(number === 1 ? draft : { ...draft, slug: `${draft.slug}-${tail}` });
    } catch (error) {
      if (!isType(error, "SLUG_TAKEN") || number > NUMBERED) throw error;
    }
  }
}

export const create: Handler<typeof contract, "create", ProductsActor> = async function (ctx) {
  const { products } = this.documents;
  const { params, meta } = ctx;
  const made = await products.once(ctx, async (once) => {
    const draft = newProduct(this.newId(), params);
    await checkCategories(this, draft.categories);
    const write = (product: Draft<ProductDocument>) =>
      products.insert(
        product,
        (log) => {
          tellChange(log, product, "created");
          log.audit({
            action: "products.create",
            entity: "product",
            entityId: product.id,
            after: product,
            meta,
          });
        },
        once,
      );
    return params.slug === undefined ? withFreeSlug(draft, write) : write(draft);
  });
  return productOf(made);
};
