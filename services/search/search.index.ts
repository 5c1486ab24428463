import { DatabaseSync } from "node:sqlite";
import type { CatalogueProduct } from "../products/products.contract.ts";
import { CategoryTree } from "./search.categories.ts";
import { Columns } from "./search.columns.ts";
import { FacetSets } from "./search.facets.ts";
import { currenciesOf, Prices, pricesIn } from "./search.prices.ts";
import { Rows } from "./search.rows.ts";
import { RowSet } from "./search.rowset.ts";
import { TextIndex } from "./search.text.ts";
import { Vocabulary } from "./search.vocabulary.ts";
import { wordsOf } from "./search.words.ts";

/** Pages of SQLite that may stay in memory, in KiB; the rest is the operating system's to cache. */
const CACHE_KIB = 16_384;
/** A word in a name says as much about what people look for as this many in descriptions. */
const NAME_WEIGHT = 4;

/**
 * One version of the index: the products in a private SQLite file that vanishes with it, what is filtered and sorted by in
 * memory. Each product has a row number; numbers of removed products are used again. Nothing here waits.
 */
export class SearchIndex {
  readonly columns = new Columns();
  readonly facets = new FacetSets();
  readonly prices = new Map<string, Prices>();
  readonly vocabulary = new Vocabulary();
  readonly rows: Rows;
  readonly text: TextIndex;
  tree = new CategoryTree([]);
  readonly #db: DatabaseSync;
  readonly #rowOf = new Map<string, number>();
  readonly #free: number[] = [];
  #capacity = 0;

  constructor() {
    this.#db = new DatabaseSync("");
    this.#db.exec(
      `pragma journal_mode = off; pragma synchronous = off; pragma locking_mode = exclusive; pragma cache_size = -${CACHE_KIB}`,
    );
    this.rows = new Rows(this.#db);
    this.text = new TextIndex(this.#db);
    // Never committed: nobody else reads the file, and each commit makes FTS5 write out what it would rather gather.
    this.#db.exec("begin");
  }

  get size(): number {
    return this.#rowOf.size;
  }

  /** Row numbers are below this. */
  get capacity(): number {
    return this.#capacity;
  }

  get bytes(): number {
    const pragma = (name: string) =>
      Object.values(this.#db.prepare(`pragma ${name}`).get() ?? {})[0] as number;
    const orders = [
      ...Object.values(this.columns.orders),
      ...[...this.prices.values()].map(({ order }) => order),
    ];
    const memory = orders.reduce((sum, order) => sum + order.bytes, this.facets.bytes);
    return pragma("page_count") * pragma("page_size") + memory;
  }

  rowOf(id: string): number | undefined {
    return this.#rowOf.get(id);
  }

  /** Rows that shoppers may see in a currency. */
  sold(currency: string): RowSet {
    return this.prices.get(currency)?.sold ?? nothing;
  }

  /** Takes products in; what is known in this version or a newer one is left as it is. */
  put(products: readonly CatalogueProduct[]): void {
    const latest = new Map(products.filter((each) => !this.#isKnown(each)).map((each) => [each.id, each]));
    if (latest.size === 0) return;
    for (const product of latest.values()) this.#put(product);
    this.columns.settle();
  }

  remove(ids: readonly string[]): void {
    const rows = ids.map((id) => this.#rowOf.get(id)).filter((row) => row !== undefined);
    for (const row of rows) this.#remove(row);
  }

  setStock(items: readonly { sku: string; available: number }[]): void {
    for (const { sku, available } of items) {
      const row = this.rows.setStock(sku, available);
      if (row !== undefined) this.facets.inStock.set(row, available > 0 || this.rows.inStock(row));
    }
  }

  /** Takes the categories in; the rows whose text they change are to be given to `putTexts`. */
  setTree(tree: CategoryTree): number[] {
    const slugs = tree
      .changedFrom(this.tree)
      .flatMap((slug) => [...tree.below(slug), ...this.tree.below(slug)]);
    const rows = new Set<number>();
    for (const slug of slugs)
      for (const row of this.facets.categories.sets.get(slug)?.members() ?? []) rows.add(row);
    this.#countNames(-1);
    this.tree = tree;
    this.#countNames(1);
    return [...rows];
  }

  putTexts(rows: readonly number[]): void {
    for (const row of rows) {
      const product = this.rows.get(row);
      if (product) this.#putText(row, product);
    }
  }

  close(): void {
    this.#db.close();
  }

  #isKnown({ id, version, updatedAt }: CatalogueProduct): boolean {
    const row = this.#rowOf.get(id);
    if (row === undefined) return false;
    const known = this.columns.version[row] as number;
    return version < known || (version === known && Date.parse(updatedAt) === this.columns.updated[row]);
  }

  #put(product: CatalogueProduct): void {
    const known = this.#rowOf.get(product.id);
    const row = known ?? this.#free.pop() ?? this.#capacity++;
    const before = known === undefined ? undefined : this.rows.get(row);
    if (before) this.facets.set(row, before, false);
    this.#rowOf.set(product.id, row);
    this.columns.put(row, product, before !== undefined);
    this.#putPrices(row, product, before);
    this.rows.put(row, product, before);
    this.facets.set(row, product, true);
    this.facets.inStock.set(row, this.rows.inStock(row));
    if (before && sameText(before, product)) return;
    if (before) this.#count(before, -1);
    this.#count(product, 1);
    this.#putText(row, product);
  }

  #putPrices(row: number, product: CatalogueProduct, before: CatalogueProduct | undefined): void {
    const currencies = currenciesOf(product);
    if (before) for (const currency of currenciesOf(before)) currencies.add(currency);
    for (const currency of currencies) {
      const amounts = product.status === "active" ? pricesIn(product, currency) : [];
      const prices = this.#pricesOf(currency);
      const moves = prices.moves(row, amounts);
      if (moves || amounts.length === 0) prices.leave(row);
      prices.put(row, amounts);
      if (moves && amounts.length > 0) this.columns.wait(prices.order, row);
    }
  }

  #pricesOf(currency: string): Prices {
    let prices = this.prices.get(currency);
    if (!prices) this.prices.set(currency, (prices = new Prices(this.columns.id)));
    return prices;
  }

  #remove(row: number): void {
    const product = this.rows.get(row) as CatalogueProduct;
    this.facets.set(row, product, false);
    for (const prices of this.prices.values()) {
      prices.leave(row);
      prices.put(row, []);
    }
    this.columns.remove(row);
    this.rows.remove(row, product);
    this.text.remove(row);
    this.#count(product, -1);
    this.#rowOf.delete(product.id);
    this.#free.push(row);
  }

  #putText(row: number, product: CatalogueProduct): void {
    const categories = this.tree.above(product.categories).map((slug) => this.tree.nameOf(slug));
    this.text.put(row, {
      name: wordsOf(product.name).join(" "),
      categories: wordsOf(categories.join(" ")).join(" "),
      description: wordsOf(product.description).join(" "),
    });
  }

  /** Only what shoppers can find may be offered to them as a correction. */
  #count(product: CatalogueProduct, times: number): void {
    if (product.status !== "active") return;
    this.vocabulary.add(wordsOf(product.name), times * NAME_WEIGHT);
    this.vocabulary.add(wordsOf(product.description), times);
  }

  #countNames(times: number): void {
    for (const { name } of this.tree.all) this.vocabulary.add(wordsOf(name), times * NAME_WEIGHT);
  }
}

const nothing = new RowSet();

const sameText = (a: CatalogueProduct, b: CatalogueProduct): boolean =>
  a.name === b.name &&
  a.description === b.description &&
  a.status === b.status &&
  a.categories.join() === b.categories.join();
