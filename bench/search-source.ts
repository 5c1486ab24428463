import type { CatalogueProduct } from "../services/products/products.contract.ts";
import { generatedCategories, productMaker } from "./generator.ts";

const SEED = 7;
const start = Date.parse("2026-01-01T00:00:00.000Z");
const timeOf = (n: number): string => new Date(start + n).toISOString();
const idOf = (n: number): string => `018f0000-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;

/** Plays the products and inventory actors for a search node: `count` generated products that can be changed. */
export class SearchSource {
  readonly #count: number;
  readonly #make = productMaker(SEED);
  /** The changed products, oldest change first. */
  readonly #changed = new Map<number, CatalogueProduct>();
  readonly #stock: { sku: string; available: number }[] = [];
  #changes = 0;

  constructor(count: number) {
    this.#count = count;
  }

  /** Makes now what would else take its time from the first build. */
  prepare(): void {
    this.#stockPage(0, 1);
  }

  nameOf(n: number): string {
    return this.#make(n).name;
  }

  /** Changes a product's prices and description. */
  change(n: number): string {
    const product = this.#product(n);
    const changes = ++this.#changes;
    this.#changed.delete(n);
    this.#changed.set(n, {
      ...product,
      description: `${product.description} Changed ${changes}.`,
      updatedAt: timeOf(this.#count + changes),
      version: 1 + changes,
    });
    return product.id;
  }

  answer(action: string, params: { after?: { updatedAt: string; seq: number }; limit: number }): unknown {
    if (action === "products.changes") return { data: this.#page(params.after?.updatedAt, params.limit) };
    if (action === "inventory.changes") return this.#stockPage(params.after?.seq ?? 0, params.limit);
    return {
      data: generatedCategories().map((category) => ({
        ...category,
        parent: null,
        position: 0,
        version: 1,
      })),
    };
  }

  #page(after: string | undefined, limit: number): CatalogueProduct[] {
    const from = after === undefined ? 0 : Date.parse(after) - start + 1;
    const page: CatalogueProduct[] = [];
    for (let n = Math.max(0, from); n < this.#count && page.length < limit; n++) page.push(this.#product(n));
    for (const product of this.#changed.values())
      if (page.length < limit && (after === undefined || product.updatedAt > after)) page.push(product);
    return page;
  }

  #product(n: number): CatalogueProduct {
    const known = this.#changed.get(n);
    if (known) return known;
    const { variants, ...rest } = this.#make(n);
    return {
      ...rest,
      id: idOf(n),
      status: "active",
      rating: { average: (n * 7) % 6, count: n % 40 },
      createdAt: timeOf(n),
      updatedAt: timeOf(n),
      version: 1,
      variants: variants.map(({ stock: _stock, ...variant }) => variant),
    };
  }

  /** Positions are numbers of rows, by product. */
  #stockPage(after: number, limit: number) {
    if (this.#stock.length === 0)
      for (let n = 0; n < this.#count; n++)
        for (const { sku, stock } of this.#make(n).variants) this.#stock.push({ sku, available: stock });
    const data = this.#stock.slice(after, after + limit);
    return { data, next: { seq: after + data.length, id: "" }, more: data.length === limit };
  }
}
