import type { ServiceBroker, ServiceSchema } from "moleculer";
import type { CatalogueProduct, Category } from "../../../services/products/products.contract.ts";
import type { SampleProduct } from "../../../services/products/seed/index.ts";

interface Removed {
  id: string;
  removed: true;
  updatedAt: string;
}

const idOf = (n: number): string => `018f0000-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;
const keyOf = (change: { updatedAt: string; id: string }): string => `${change.updatedAt} ${change.id}`;

/** Stand-ins for the products and inventory actors, with the actions and events that search uses. */
export class Sources {
  readonly changes = new Map<string, CatalogueProduct | Removed>();
  readonly stock = new Map<string, { available: number; changed: number }>();
  categories: Category[] = [];
  /** Makes every call fail, as when the actors are away. */
  away = false;
  broker: ServiceBroker | undefined;
  #time = Date.parse("2026-01-01T00:00:00.000Z");
  #changed = 0;

  time(ms = 1): string {
    return new Date((this.#time += ms)).toISOString();
  }

  category(slug: string, name: string, parent: string | null = null): void {
    this.categories.push({ slug, name, description: "", parent, picture: null, position: 0, version: 1 });
  }

  /** Adds a product; what is left out is made up. */
  add(given: Partial<CatalogueProduct> & { prices?: Record<string, number> } = {}): CatalogueProduct {
    const n = this.changes.size + 1;
    const { prices = { GBP: 1000 }, ...rest } = given;
    const at = this.time();
    const product: CatalogueProduct = {
      id: idOf(n),
      slug: `product-${n}`,
      name: `Product ${n}`,
      description: "",
      categories: [],
      images: [],
      options: [],
      variants: [
        {
          sku: `SKU-${n}`,
          name: "",
          options: {},
          prices: Object.entries(prices).map(([currency, amount]) => ({ amount, currency })),
        },
      ],
      status: "active",
      rating: { average: 0, count: 0 },
      createdAt: at,
      updatedAt: at,
      version: 1,
      ...rest,
    };
    this.changes.set(product.id, product);
    return product;
  }

  sample({ slug, variants, ...rest }: SampleProduct): CatalogueProduct {
    const product = this.add({
      ...rest,
      slug,
      variants: variants.map(({ stock: _stock, ...variant }) => variant),
    });
    for (const { sku, stock } of variants) this.setStock(sku, stock);
    return product;
  }

  change(product: CatalogueProduct, changes: Partial<CatalogueProduct>): CatalogueProduct {
    const next = { ...product, ...changes, version: product.version + 1, updatedAt: this.time() };
    this.changes.set(product.id, next);
    return next;
  }

  remove({ id }: CatalogueProduct): void {
    this.changes.set(id, { id, removed: true, updatedAt: this.time() });
  }

  setStock(sku: string, available: number): void {
    this.stock.set(sku, { available, changed: ++this.#changed });
  }

  async touch(...products: { id: string }[]): Promise<void> {
    await this.broker?.broadcast("products.touched", { ids: products.map(({ id }) => id) });
  }

  get services(): ServiceSchema[] {
    const ask = <T>(answer: () => T): T => {
      if (this.away) throw new Error("away");
      return answer();
    };
    return [
      {
        name: "products",
        actions: {
          changes: ({ params }: { params: { after?: { updatedAt: string; id: string }; limit: number } }) =>
            ask(() => ({
              data: [...this.changes.values()]
                .filter((each) => !params.after || keyOf(each) > keyOf(params.after))
                .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
                .slice(0, params.limit),
            })),
          categories: () => ask(() => ({ data: this.categories })),
        },
      },
      {
        name: "inventory",
        actions: {
          changes: ({ params }: { params: { after?: { seq: number }; limit: number } }) =>
            ask(() => {
              const after = params.after?.seq ?? 0;
              const rows = [...this.stock]
                .filter(([, { changed }]) => changed > after)
                .sort(([, a], [, b]) => a.changed - b.changed)
                .slice(0, params.limit);
              return {
                data: rows.map(([sku, { available }]) => ({ sku, available })),
                next: { seq: rows.at(-1)?.[1].changed ?? after, id: "" },
                more: rows.length === params.limit,
              };
            }),
        },
      },
    ];
  }
}
