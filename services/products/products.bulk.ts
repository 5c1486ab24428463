import { Bulk, type GoodRow } from "../../contract/bulk.ts";
import { invalid, notFound, versionMismatch } from "../../contract/errors.ts";
import type { Handler } from "../../contract/implement.ts";
import type { Meta } from "../../contract/meta.ts";
import type { Draft, UpsertItem } from "../../mixins/document-types.ts";
import type { ProductDocument, ProductsActor } from "./products.actor.ts";
import type contract from "./products.contract.ts";
import { PriceRow, ProductRow } from "./products.contract.ts";
import { checkCategories, tellChange } from "./products.create.ts";
import { changedProduct, newProduct, type Editable } from "./products.draft.ts";
import { fieldsOf } from "./products.update.ts";

interface Plan<T> {
  readonly rows: readonly GoodRow<T>[];
  readonly isNew: boolean;
  readonly item: UpsertItem<ProductDocument>;
}

const sameAs = (now: ProductDocument, next: Draft<ProductDocument>): boolean =>
  Object.entries(next).every(
    ([name, value]) =>
      JSON.stringify(value) === JSON.stringify((now as unknown as Record<string, unknown>)[name]),
  );

function checkVersion(now: ProductDocument | undefined, version: number | undefined): void {
  if (version !== undefined && version !== now?.version) throw versionMismatch();
}

/** A product after its row; what the row does not say stays. */
function productAfter(
  id: string,
  now: ProductDocument | undefined,
  given: ProductRow,
): Draft<ProductDocument> {
  const { version, ...fields } = given;
  checkVersion(now, version);
  if (now) return changedProduct(now, fields);
  const missing = (["name", "variants"] as const).filter((name) => fields[name] === undefined);
  if (missing.length > 0)
    throw invalid(missing.map((name) => ({ pointer: `/${name}`, message: "is needed for a new product" })));
  return newProduct(id, fields as Editable);
}

/** Prices of one product after its rows: the named currency changes, the others stay. */
function pricesAfter(now: ProductDocument | undefined, rows: readonly PriceRow[]): Draft<ProductDocument> {
  if (!now) throw notFound("sku");
  const bySku = Map.groupBy(rows, ({ sku }) => sku);
  const variants = now.variants.map((variant) => {
    const given = bySku.get(variant.sku) ?? [];
    const priced = (currency: string) => given.find(({ price }) => price.currency === currency)?.price;
    const kept = variant.prices.map((price) => priced(price.currency) ?? price);
    const has = new Set(kept.map(({ currency }) => currency));
    return {
      ...variant,
      prices: [...kept, ...given.map(({ price }) => price).filter(({ currency }) => !has.has(currency))],
    };
  });
  return changedProduct(now, { variants });
}

/** Writes a change of one product with its event and audit entry. */
const itemOf = (
  id: string,
  meta: Meta,
  names: readonly string[],
  after: (now: ProductDocument | undefined) => Draft<ProductDocument>,
): UpsertItem<ProductDocument> => ({
  id,
  change(now, log) {
    const next = after(now);
    tellChange(log, next, now ? "updated" : "created");
    const states = now ? { before: fieldsOf(now, names), after: fieldsOf(next, names) } : { after: next };
    log.audit({
      action: now ? "products.update" : "products.create",
      entity: "product",
      entityId: id,
      ...states,
      meta,
    });
    return next;
  },
});

/** Writes what differs, and notes for each row what became of it. */
async function write<T>(actor: ProductsActor, bulk: Bulk<T>, plans: readonly Plan<T>[]): Promise<void> {
  const results = await actor.documents.products.upsertMany(plans.map(({ item }) => item));
  plans.forEach(({ rows, isNew }, i) => {
    const result = results[i] as (typeof results)[number];
    for (const row of rows)
      if ("error" in result) bulk.failed(row, result.error);
      else bulk.done(row, isNew ? "created" : "updated", result.ok.version);
  });
}

/** Looks ahead whether rows change anything, so that a repeat writes nothing; a refusal is noted. */
function plan<T>(
  bulk: Bulk<T>,
  rows: readonly GoodRow<T>[],
  now: ProductDocument | undefined,
  item: UpsertItem<ProductDocument>,
  after: () => Draft<ProductDocument>,
): Plan<T>[] {
  try {
    const next = after();
    if (now && sameAs(now, next)) {
      for (const row of rows) bulk.done(row, "unchanged", now.version);
      return [];
    }
    return [{ rows, isNew: now === undefined, item }];
  } catch (error) {
    for (const row of rows) bulk.failed(row, error);
    return [];
  }
}

export const bulkProducts: Handler<typeof contract, "bulkProducts", ProductsActor> = async function (ctx) {
  const bulk = new Bulk<ProductRow>(ProductRow, ctx.params.rows, "slug", ({ slug }) => slug);
  const { products } = this.documents;
  const found = await products.find(
    "slug",
    bulk.good.map(({ key }) => key),
  );
  const bySlug = new Map(found.map((product) => [product.slug, product]));
  const plans: Plan<ProductRow>[] = [];
  for (const one of bulk.good) {
    const now = bySlug.get(one.key);
    const id = now?.id ?? this.newId();
    const after = (state: ProductDocument | undefined) => productAfter(id, state, one.row);
    const item = itemOf(id, ctx.meta, Object.keys(one.row), after);
    try {
      await checkCategories(this, one.row.categories ?? []);
      plans.push(...plan(bulk, [one], now, item, () => after(now)));
    } catch (error) {
      bulk.failed(one, error);
    }
  }
  await write(this, bulk, plans);
  return bulk.result();
};

export const bulkPrices: Handler<typeof contract, "bulkPrices", ProductsActor> = async function (ctx) {
  const bulk = new Bulk<PriceRow>(
    PriceRow,
    ctx.params.rows,
    "sku",
    ({ sku, price }) => `${sku} ${price.currency}`,
  );
  const found = await this.documents.products.find(
    "variants.sku",
    bulk.good.map(({ key }) => key),
  );
  const ofSku = new Map(
    found.flatMap((product) => product.variants.map(({ sku }) => [sku, product] as const)),
  );
  const groups = Map.groupBy(bulk.good, ({ key }) => ofSku.get(key));
  const plans = [...groups].flatMap(([now, rows]) => {
    const after = (state: ProductDocument | undefined) =>
      pricesAfter(
        state,
        rows.map(({ row }) => row),
      );
    const item = itemOf(now?.id ?? "", ctx.meta, ["variants"], after);
    return plan(bulk, rows, now, item, () => after(now));
  });
  await write(this, bulk, plans);
  return bulk.result();
};
