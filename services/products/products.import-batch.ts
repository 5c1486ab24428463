import { isType } from "../../contract/errors.ts";
import type { UpsertItem } from "../../mixins/document-types.ts";
import { isRefusal } from "../../mixins/store-errors.ts";
import { callsOf, type ProductDocument, type ProductsActor, type RowError } from "./products.actor.ts";
import { ensureCategories } from "./products.categories.ts";
import { tellChange, withFreeSlug } from "./products.create.ts";
import { tooManyVariants } from "./products.errors.ts";
import { patiently } from "./products.import-patience.ts";
import type { CsvRow, ImportRow } from "./products.import-row.ts";
import { mergeRows, missingOfNew } from "./products.import-merge.ts";

/** As the contract allows. */
const MOST_VARIANTS = 1000;

/** A row with its place in the file. */
export interface NumberedRow {
  number: number;
  row: ImportRow;
  record: CsvRow;
}
export interface RefusedRow extends RowError {
  record: CsvRow;
}

export interface BatchResult {
  created: number;
  updated: number;
  refused: RefusedRow[];
}

interface BatchOf {
  importId: string;
  number: number;
  dryRun: boolean;
}

/** Rows of one product. */
interface Group {
  id: string;
  known: ProductDocument | undefined;
  rows: NumberedRow[];
}

const refusal = ({ number, record }: NumberedRow, column: string, message: string): RefusedRow => ({
  row: number,
  column,
  message,
  record,
});

/** Finds the product of each row: by its SKU, else by the product that it names, else a new one. */
async function groupRows(actor: ProductsActor, rows: readonly NumberedRow[]): Promise<Group[]> {
  const { products } = actor.documents;
  const bySku = await products.find(
    "variants.sku",
    rows.map(({ row }) => row.sku),
  );
  const bySlug = await products.find(
    "slug",
    rows.flatMap(({ row }) => row.product ?? []),
  );
  const ofSku = new Map(bySku.flatMap((known) => known.variants.map(({ sku }) => [sku, known] as const)));
  const ofSlug = new Map(bySlug.map((known) => [known.slug, known]));
  const groups = new Map<string, Group>();
  for (const numbered of rows) {
    const { row } = numbered;
    const named = row.product;
    const known = ofSku.get(row.sku) ?? (named === undefined ? undefined : ofSlug.get(named));
    const key = known?.id ?? named ?? `of ${row.sku}`;
    const group = groups.get(key) ?? { id: known?.id ?? actor.newId(), known, rows: [] };
    group.rows.push(numbered);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** Takes rows out that a new product or variant cannot be made of. */
function sound(group: Group, refused: RefusedRow[]): boolean {
  const skus = new Set(group.known?.variants.map(({ sku }) => sku));
  group.rows = group.rows.filter((numbered) => {
    const missing = missingOfNew(numbered.row, skus.has(numbered.row.sku), group.known ?? group.rows[0]?.row);
    if (missing !== undefined) refused.push(refusal(numbered, missing, "is needed for something new"));
    return missing === undefined;
  });
  return group.rows.length > 0;
}

const itemOf = ({ id, rows }: Group, slug?: string): UpsertItem<ProductDocument> => ({
  id,
  change(current, log) {
    const next = mergeRows(
      id,
      current,
      rows.map(({ row }) => row),
    );
    if (next.variants.length > MOST_VARIANTS) throw tooManyVariants();
    const product = current || slug === undefined ? next : { ...next, slug };
    tellChange(log, product, current ? "updated" : "created");
    return product;
  },
});

/** A group whose own slug is taken by a product that it did not name gets the next free one. */
async function writeElsewhere(actor: ProductsActor, group: Group): Promise<Error | undefined> {
  const draft = mergeRows(
    group.id,
    undefined,
    group.rows.map(({ row }) => row),
  );
  try {
    await withFreeSlug(draft, async ({ slug }) => {
      const [result] = await actor.documents.products.upsertMany([itemOf(group, slug)]);
      if (result && "error" in result) throw result.error;
    });
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

async function writeGroups(actor: ProductsActor, groups: readonly Group[]): Promise<(Error | undefined)[]> {
  const results = await actor.documents.products.upsertMany(groups.map((group) => itemOf(group)));
  const faults: (Error | undefined)[] = [];
  for (const [i, result] of results.entries()) {
    const fault = "error" in result ? result.error : undefined;
    const group = groups[i] as Group;
    const taken = isType(fault, "SLUG_TAKEN") && group.rows.every(({ row }) => row.product === undefined);
    faults.push(taken ? await writeElsewhere(actor, group) : fault);
  }
  return faults;
}

async function setStock(
  actor: ProductsActor,
  rows: readonly NumberedRow[],
  batch: BatchOf,
): Promise<RefusedRow[]> {
  const counted = rows.filter(({ row }) => row.stock !== undefined);
  const items = [...new Map(counted.map(({ row }) => [row.sku, row.stock ?? 0]))].map(([sku, onHand]) => ({
    sku,
    onHand,
  }));
  if (items.length === 0) return [];
  const key = `import:${batch.importId}:${batch.number}`;
  const { refused } = await patiently(actor, () =>
    callsOf(actor).call("inventory.setStock", { key, reason: "Catalogue import", items }),
  );
  const reserved = new Map(refused.map((item) => [item.sku, item.reserved]));
  return counted.flatMap((numbered) => {
    const held = reserved.get(numbered.row.sku);
    return held === undefined ? [] : [refusal(numbered, "stock", `${held} units are reserved for orders`)];
  });
}

/** Takes some hundred rows in: products in one go, then their stock. Repeating a batch has no further effect. */
export async function takeBatch(
  actor: ProductsActor,
  rows: readonly NumberedRow[],
  batch: BatchOf,
): Promise<BatchResult> {
  const refused: RefusedRow[] = [];
  const groups = (await patiently(actor, () => groupRows(actor, rows))).filter((group) =>
    sound(group, refused),
  );
  const known = new Set(
    groups.flatMap(({ known: document }) => document?.variants.map(({ sku }) => sku) ?? []),
  );
  const faults: (Error | undefined)[] = batch.dryRun
    ? []
    : await patiently(actor, () => write(actor, groups));
  const done = groups.flatMap(({ rows: taken }, i) => {
    const fault = faults[i];
    if (!fault) return taken;
    refused.push(...taken.map((numbered) => refusal(numbered, "sku", fault.message)));
    return [];
  });
  if (!batch.dryRun) refused.push(...(await setStock(actor, done, batch)));
  const failed = new Set(refused.map(({ row }) => row));
  const ok = done.filter(({ number }) => !failed.has(number));
  const updated = ok.filter(({ row }) => known.has(row.sku)).length;
  return { created: ok.length - updated, updated, refused };
}

/** Writes the products; answers the refusal of each that was refused. @throws an outage or a fault of ours */
async function write(actor: ProductsActor, groups: readonly Group[]): Promise<(Error | undefined)[]> {
  const named = groups.flatMap(({ rows }) => rows.flatMap(({ row }) => [...(row.categories ?? [])]));
  await ensureCategories(actor, new Map(named));
  const faults = await writeGroups(actor, groups);
  const ours = faults.find((fault) => fault !== undefined && !isRefusal(fault));
  if (ours !== undefined) throw ours;
  return faults;
}
