import type { Caller } from "../../contract/implement.ts";
import type { StockPosition } from "../inventory/inventory.contract.ts";
import type { CatalogueProduct } from "../products/products.contract.ts";
import { CategoryTree } from "./search.categories.ts";
import { SearchIndex } from "./search.index.ts";

const PRODUCTS_PAGE = 250;
const STOCK_PAGE = 5000;
/** Products and SKUs written between two turns of the event loop: 5 to 10 ms of work. */
const PRODUCTS_AT_ONCE = 24;
const STOCK_AT_ONCE = 250;
/** A small UUIDv7: in front of every other of the same time. */
const FIRST_ID = "00000000-0000-7000-8000-000000000000";

/** The last product of a page of changes, which are sorted by time and id. */
interface Position {
  updatedAt: string;
  id: string;
}

const keyOf = ({ updatedAt, id }: Position): string => `${updatedAt} ${id}`;

const before = ({ updatedAt }: Position, ms: number): Position => ({
  updatedAt: new Date(Math.max(0, Date.parse(updatedAt) - ms)).toISOString(),
  id: FIRST_ID,
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Runs `work` on slices of `items`, letting the event loop turn between them. */
export async function inSlices<T>(
  items: readonly T[],
  size: number,
  work: (slice: T[]) => void,
): Promise<void> {
  for (let i = 0; i < items.length; i += size) {
    work(items.slice(i, i + size));
    await turn();
  }
}

/** An index and how far it has followed its sources. */
export class Replica {
  readonly index = new SearchIndex();
  readonly #source: Pick<Caller, "call">;
  readonly #now: () => number;
  /** The newest product seen; undefined before the first. */
  #newest: Position | undefined;
  /** When it was first seen, by this node's clock. */
  #newestSince = 0;
  /** When the last look began that no event asked for. */
  #looked = 0;
  /** How far it has followed the stock; undefined before the first page. */
  #stockAt: StockPosition | undefined;
  #closed = false;

  constructor(source: Pick<Caller, "call">, now: () => number) {
    this.#source = source;
    this.#now = now;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Reads everything there is. */
  async build(progress: (done: number) => void): Promise<void> {
    await this.followCategories();
    await this.#readProducts(undefined, () => progress(this.index.size));
    await this.followStock();
  }

  /**
   * Takes in what changed since the last time. `overlap` milliseconds are read again, because clocks of nodes differ and
   * several products may have one time.
   * @returns the ids that were read
   */
  followProducts(overlap: number): Promise<Set<string>> {
    return this.#readProducts(this.#newest && before(this.#newest, overlap));
  }

  /**
   * The same without an event that asks for it. What is late comes within `overlap`: once nothing newer has come for twice as long
   * only what is newer is read, for the last seconds of an import are thousands of products.
   */
  async followNewProducts(overlap: number): Promise<void> {
    const began = this.#now();
    const settled = this.#looked - this.#newestSince >= 2 * overlap;
    await (settled ? this.#readProducts(this.#newest) : this.followProducts(overlap));
    this.#looked = began;
  }

  async followStock(): Promise<void> {
    for (;;) {
      const { data, next, more } = await this.#source.call("inventory.changes", {
        limit: STOCK_PAGE,
        ...(this.#stockAt && { after: this.#stockAt }),
      });
      await this.takeStock(data);
      this.#stockAt = next;
      if (this.#closed || !more) return;
    }
  }

  async takeStock(items: readonly { sku: string; available: number }[]): Promise<void> {
    await inSlices(items, STOCK_AT_ONCE, (slice) => {
      if (!this.#closed) this.index.setStock(slice);
    });
  }

  async followCategories(): Promise<void> {
    const { data } = await this.#source.call("products.categories", {});
    if (this.#closed) return;
    const rows = this.index.setTree(new CategoryTree(data));
    await inSlices(rows, PRODUCTS_AT_ONCE, (slice) => {
      if (!this.#closed) this.index.putTexts(slice);
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.index.close();
  }

  async #readProducts(from: Position | undefined, onPage?: () => void): Promise<Set<string>> {
    const seen = new Set<string>();
    for (let after = from; ;) {
      const { data } = await this.#source.call("products.changes", {
        limit: PRODUCTS_PAGE,
        ...(after && { after }),
      });
      const last = data.at(-1);
      if (this.#closed || !last) return seen;
      await inSlices(data, PRODUCTS_AT_ONCE, (slice) => this.#take(slice));
      for (const { id } of data) seen.add(id);
      after = { updatedAt: last.updatedAt, id: last.id };
      this.#sawUpTo(after);
      onPage?.();
      if (data.length < PRODUCTS_PAGE) return seen;
    }
  }

  #sawUpTo(last: Position): void {
    if (this.#newest && keyOf(last) <= keyOf(this.#newest)) return;
    this.#newest = last;
    this.#newestSince = this.#now();
  }

  #take(changes: readonly (CatalogueProduct | { id: string; removed: true })[]): void {
    if (this.#closed) return;
    const removed: string[] = [];
    const products: CatalogueProduct[] = [];
    for (const change of changes) {
      if ("removed" in change) removed.push(change.id);
      else products.push(change);
    }
    this.index.put(products);
    this.index.remove(removed);
  }
}
