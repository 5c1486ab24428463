import type { Caller } from "../../contract/implement.ts";
import type { StockPosition } from "../inventory/inventory.contract.ts";
import type { CatalogueProduct } from "../products/products.contract.ts";
import { CategoryTree } from "./search.categories.ts";
import { SearchIndex } from "./search.index.ts";

const PRODUCTS_PAGE = 250;
const STOCK_PAGE = 5000;
/** Products and SKUs written between two turns of the event loop: 5 to 10 ms of work. */
const PRODUCTS_AT_ONCE = 24;
const STOCK_AT_ONCE = 500;
/** A small UUIDv7: in front of every other of the same time. */
const FIRST_ID = "00000000-0000-7000-8000-000000000000";

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
  /** `updatedAt` of the newest product seen; undefined before the first. */
  #newest: number | undefined;
  /** How far it has followed the stock; undefined before the first page. */
  #stockAt: StockPosition | undefined;
  #closed = false;

  constructor(source: Pick<Caller, "call">) {
    this.#source = source;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Reads everything there is. */
  async build(progress: (done: number) => void): Promise<void> {
    await this.followCategories();
    await this.followProducts(0, () => progress(this.index.size));
    await this.followStock();
  }

  /**
   * Takes in what changed since the last time. `overlap` milliseconds are read again, because clocks of nodes differ and
   * several products may have one time; what is known already costs little.
   * @returns the ids that were read
   */
  async followProducts(overlap: number, onPage?: () => void): Promise<Set<string>> {
    const seen = new Set<string>();
    let after =
      this.#newest === undefined
        ? undefined
        : { updatedAt: new Date(Math.max(0, this.#newest - overlap)).toISOString(), id: FIRST_ID };
    for (;;) {
      const { data } = await this.#source.call("products.changes", {
        limit: PRODUCTS_PAGE,
        ...(after && { after }),
      });
      const last = data.at(-1);
      if (this.#closed || !last) return seen;
      await inSlices(data, PRODUCTS_AT_ONCE, (slice) => this.#take(slice));
      for (const { id } of data) seen.add(id);
      this.#newest = Math.max(this.#newest ?? 0, Date.parse(last.updatedAt));
      onPage?.();
      if (data.length < PRODUCTS_PAGE) return seen;
      after = { updatedAt: last.updatedAt, id: last.id };
    }
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
