import { isType } from "../../contract/errors.ts";
import type { Handler } from "../../contract/implement.ts";
import type { CategoryDocument, ProductsActor } from "./products.actor.ts";
import type contract from "./products.contract.ts";
import {
  categoryInUse,
  categoryNotFound,
  categorySlugTaken,
  parentBelow,
  unknownParent,
} from "./products.errors.ts";
import { fieldsOf } from "./products.update.ts";
import { categoryOf } from "./products.view.ts";

/** Every category in shop order. */
export async function allCategories({ documents }: ProductsActor): Promise<CategoryDocument[]> {
  const found: CategoryDocument[] = [];
  for await (const page of documents.categories.iterate()) found.push(...page);
  return found.sort((a, b) => a.position - b.position || (a.slug < b.slug ? -1 : 1));
}

/** @throws 422 when `parent` is no category, or stands below `slug` itself. */
async function checkParent({ documents }: ProductsActor, slug: string, parent: string | null): Promise<void> {
  const seen = new Set<string>();
  for (let above = parent; above !== null;) {
    if (above === slug || seen.has(above)) throw parentBelow();
    seen.add(above);
    const category: CategoryDocument | undefined = await documents.categories.get(above);
    if (!category) throw unknownParent();
    above = category.parent;
  }
}

export const categories: Handler<typeof contract, "categories", ProductsActor> = async function () {
  return { data: (await allCategories(this)).map(categoryOf) };
};

export const createCategory: Handler<typeof contract, "createCategory", ProductsActor> = async function (
  ctx,
) {
  const { params, meta } = ctx;
  const { slug, name, description = "", parent = null, picture = null } = params;
  const store = this.documents.categories;
  const making = store.once(ctx, async (once) => {
    await checkParent(this, slug, parent);
    const position = params.position ?? (await allCategories(this)).length;
    const draft = { id: slug, slug, name, description, parent, picture, position };
    return store.insert(
      draft,
      (log) =>
        log.audit({
          action: "products.createCategory",
          entity: "category",
          entityId: slug,
          after: draft,
          meta,
        }),
      once,
    );
  });
  // The slug is the row's id.
  const made = await making.catch((error: unknown) => {
    throw isType(error, "ALREADY_EXISTS") ? categorySlugTaken() : error;
  });
  return categoryOf(made);
};

export const updateCategory: Handler<typeof contract, "updateCategory", ProductsActor> = async function (
  ctx,
) {
  const { meta } = ctx;
  const { slug, ...given } = ctx.params;
  const names = Object.keys(given);
  const store = this.documents.categories;
  const changed = await store.once(ctx, async (once) => {
    if (given.parent !== undefined) await checkParent(this, slug, given.parent);
    return store.update(
      slug,
      meta.ifMatch,
      (now, log) => {
        const next = { ...now, ...given };
        const states = { before: fieldsOf(now, names), after: fieldsOf(next, names) };
        log.audit({ action: "products.updateCategory", entity: "category", entityId: slug, ...states, meta });
        return next;
      },
      once,
    );
  });
  return categoryOf(changed);
};

export const removeCategory: Handler<typeof contract, "removeCategory", ProductsActor> = async function (
  ctx,
) {
  const { params, meta } = ctx;
  const { slug } = params;
  const { categories: store, products } = this.documents;
  if (!(await store.get(slug))) throw categoryNotFound();
  const children = (await allCategories(this)).some(({ parent }) => parent === slug);
  if (children || (await products.count("categories", slug)) > 0) throw categoryInUse();
  await store.remove(slug, meta.ifMatch, (before, log) =>
    log.audit({ action: "products.removeCategory", entity: "category", entityId: slug, before, meta }),
  );
  return null;
};

/** The slugs of categories that an import names; those that do not exist are made, in the order of their coming. */
export async function ensureCategories(
  actor: ProductsActor,
  named: ReadonlyMap<string, string>,
): Promise<void> {
  const store = actor.documents.categories;
  for (const [slug, name] of named) {
    if (await store.hot(slug)) continue;
    const position = (await allCategories(actor)).length;
    try {
      await store.insert({ id: slug, slug, name, description: "", parent: null, picture: null, position });
    } catch (error) {
      if (!isType(error, "SLUG_TAKEN")) throw error;
    }
  }
}
