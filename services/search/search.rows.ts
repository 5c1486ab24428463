import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { CatalogueProduct, Product } from "../products/products.contract.ts";

/** Product cards of one currency kept ready in memory; at most twice as many while they are turned over. */
const CARDS = 6_000;

/** The cards of one currency by row, the lately asked and those asked before them. */
interface Cards {
  young: Map<number, Product>;
  old: Map<number, Product>;
}

/**
 * The products themselves and the copies of their stock, in SQLite; the cards that were asked for lately also in memory.
 * A card is frozen, and the same object until the product or its stock changes.
 */
export class Rows {
  readonly #sql: Record<
    "put" | "get" | "remove" | "drop" | "own" | "stock" | "ofRow" | "bySku",
    StatementSync
  >;
  readonly #cards = new Map<string, Cards>();

  constructor(db: DatabaseSync) {
    db.exec(`create table product (row integer primary key, json text not null);
      create table sku (sku text primary key, row integer, available integer not null) without rowid;
      create index sku_row on sku (row) where row is not null`);
    this.#sql = {
      put: db.prepare("insert or replace into product (row, json) values (?, ?)"),
      get: db.prepare("select json from product where row = ?"),
      remove: db.prepare("delete from product where row = ?"),
      drop: db.prepare("update sku set row = null where row = ? and sku = ?"),
      own: db.prepare(`insert into sku (sku, row, available) values (?, ?, 0)
        on conflict (sku) do update set row = excluded.row where row is not excluded.row`),
      stock: db.prepare(`insert into sku (sku, row, available) values (?, null, ?)
        on conflict (sku) do update set available = excluded.available
        where available <> excluded.available returning row`),
      ofRow: db.prepare("select sku, available from sku where row = ?"),
      bySku: db.prepare("select row from sku where sku = ? and row is not null"),
    };
  }

  put(row: number, product: CatalogueProduct, before: CatalogueProduct | undefined): void {
    this.#sql.put.run(row, JSON.stringify(product));
    this.#own(row, product, before);
    this.forget(row);
  }

  remove(row: number, before: CatalogueProduct): void {
    this.#sql.remove.run(row);
    for (const { sku } of before.variants) this.#sql.drop.run(row, sku);
    this.forget(row);
  }

  get(row: number): CatalogueProduct | undefined {
    const found = this.#sql.get.get(row) as { json: string } | undefined;
    return found && (JSON.parse(found.json) as CatalogueProduct);
  }

  /** Keeps what is available of a SKU, also of one whose product is not known yet; the row that it changes. */
  setStock(sku: string, available: number): number | undefined {
    const changed = this.#sql.stock.get(sku, available) as { row: number | null } | undefined;
    if (changed?.row == null) return undefined;
    this.forget(changed.row);
    return changed.row;
  }

  inStock(row: number): boolean {
    return this.#available(row).some(({ available }) => available > 0);
  }

  rowOfSku(sku: string): number | undefined {
    return (this.#sql.bySku.get(sku) as { row: number } | undefined)?.row;
  }

  /** The product as shoppers see it in one currency. */
  card(row: number, currency: string): Product {
    let cards = this.#cards.get(currency);
    if (!cards) this.#cards.set(currency, (cards = { young: new Map(), old: new Map() }));
    const young = cards.young.get(row);
    if (young) return young;
    const card = cards.old.get(row) ?? this.#make(row, currency);
    if (cards.young.size >= CARDS) {
      cards.old = cards.young;
      cards.young = new Map();
    }
    cards.young.set(row, card);
    return card;
  }

  forget(row: number): void {
    for (const { young, old } of this.#cards.values()) {
      young.delete(row);
      old.delete(row);
    }
  }

  #own(row: number, product: CatalogueProduct, before: CatalogueProduct | undefined): void {
    const skus = new Set(product.variants.map(({ sku }) => sku));
    const known = new Set(before?.variants.map(({ sku }) => sku));
    for (const sku of known) if (!skus.has(sku)) this.#sql.drop.run(row, sku);
    for (const sku of skus) this.#sql.own.run(sku, row);
  }

  #available(row: number): { sku: string; available: number }[] {
    return this.#sql.ofRow.all(row) as { sku: string; available: number }[];
  }

  #make(row: number, currency: string): Product {
    const { status: _status, variants, ...rest } = this.get(row) as CatalogueProduct;
    const stock = new Map(this.#available(row).map(({ sku, available }) => [sku, available]));
    return freeze({
      ...rest,
      variants: variants.flatMap(({ sku, name, options, prices }) => {
        const price = prices.find((each) => each.currency === currency);
        return price ? [{ sku, name, options, price, available: stock.get(sku) ?? 0 }] : [];
      }),
    });
  }
}

function freeze<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const inner of Object.values(value)) freeze(inner);
  return Object.freeze(value);
}
