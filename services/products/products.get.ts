import type { Handler } from "../../contract/implement.ts";
import type { ProductDocument, ProductsActor } from "./products.actor.ts";
import type contract from "./products.contract.ts";
import { currencyNotOffered, productNotFound } from "./products.errors.ts";
import { offerOf, productView } from "./products.view.ts";

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-/;

/** What is sold now, by id or slug. */
export async function soldProduct(actor: ProductsActor, idOrSlug: string): Promise<ProductDocument> {
  const { products } = actor.documents;
  const found =
    (ID.test(idOrSlug) ? await products.hot(idOrSlug) : undefined) ??
    (await products.hotBy("slug", idOrSlug));
  if (found?.status !== "active") throw productNotFound();
  return found;
}

export const get: Handler<typeof contract, "get", ProductsActor> = async function (ctx) {
  const { idOrSlug, currency = this.currency } = ctx.params;
  const document = await soldProduct(this, idOrSlug);
  const available = await this.stock.available(document.variants.map(({ sku }) => sku));
  const view = productView(document, currency, available);
  if (!view) throw currencyNotOffered();
  return view;
};

export const resolve: Handler<typeof contract, "resolve", ProductsActor> = async function (ctx) {
  const { skus, currency } = ctx.params;
  const { products } = this.documents;
  const documents = await Promise.all(skus.map((sku) => products.hotBy("variants.sku", sku)));
  return documents.flatMap((document, i) => {
    if (document?.status !== "active") return [];
    return offerOf(document, skus[i] as string, currency) ?? [];
  });
};

export const exists: Handler<typeof contract, "exists", ProductsActor> = async function (ctx) {
  const { ids } = ctx.params;
  const documents = await Promise.all(ids.map((id) => this.documents.products.hot(id)));
  return ids.filter((_, i) => documents[i]?.status === "active");
};

/** Ids of one answer. */
const MOST_IDS = 2000;

export const changedSince: Handler<typeof contract, "changedSince", ProductsActor> = async function (ctx) {
  const ids = await this.documents.products.changedSince(ctx.params.time, MOST_IDS);
  return { ids, whole: ids.length < MOST_IDS };
};

export const changes: Handler<typeof contract, "changes", ProductsActor> = async function (ctx) {
  const data = await this.documents.products.changed(ctx.params.after, ctx.params.limit);
  return { data };
};
