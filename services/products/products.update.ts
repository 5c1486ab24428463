import type { Handler } from "../../contract/implement.ts";
import type { ProductsActor } from "./products.actor.ts";
import type contract from "./products.contract.ts";
import { checkCategories, tellChange } from "./products.create.ts";
import { changedProduct } from "./products.draft.ts";
import { productOf } from "./products.view.ts";

type Fields = Record<string, unknown>;

/** The named fields of a state, for the audit. */
export const fieldsOf = (state: object, names: readonly string[]): Fields =>
  Object.fromEntries(names.map((name) => [name, (state as Fields)[name] ?? null]));

export const update: Handler<typeof contract, "update", ProductsActor> = async function (ctx) {
  const { products } = this.documents;
  const { meta } = ctx;
  const { id, ...given } = ctx.params;
  const names = Object.keys(given);
  const changed = await products.once(ctx, async (once) => {
    await checkCategories(this, given.categories ?? []);
    return products.update(
      id,
      meta.ifMatch,
      (now, log) => {
        const next = changedProduct(now, given);
        tellChange(log, next, "updated");
        const states = { before: fieldsOf(now, names), after: fieldsOf(next, names) };
        log.audit({ action: "products.update", entity: "product", entityId: id, ...states, meta });
        return next;
      },
      once,
    );
  });
  return productOf(changed);
};

export const remove: Handler<typeof contract, "remove", ProductsActor> = async function ({ params, meta }) {
  const { id } = params;
  await this.documents.products.remove(id, meta.ifMatch, (now, log) => {
    tellChange(log, now, "removed");
    log.audit({ action: "products.remove", entity: "product", entityId: id, before: now, meta });
  });
  return null;
};
