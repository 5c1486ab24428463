import type { CatalogueProduct } from "../products/products.contract.ts";
import { RowSet, RowSets } from "./search.rowset.ts";

/** Which rows have which value: what filters and facets are made of. */
export class FacetSets {
  readonly categories = new RowSets<string>();
  readonly options = new Map<string, RowSets<string>>();
  readonly statuses = new RowSets<string>();
  /** `[stars]`: rated so or better. */
  readonly ratings = Array.from({ length: 6 }, () => new RowSet());
  readonly inStock = new RowSet();

  /** Puts a product into the sets of its values, or takes it out of them. */
  set(row: number, product: CatalogueProduct, member: boolean): void {
    for (const category of product.categories) this.categories.set(category, row, member);
    for (const [name, values] of optionValues(product))
      for (const value of values) this.#option(name).set(value, row, member);
    this.statuses.set(product.status, row, member);
    for (let stars = 1; stars <= 5; stars++)
      this.ratings[stars]?.set(row, member && product.rating.average >= stars);
    if (!member) this.inStock.set(row, false);
  }

  get bytes(): number {
    const all = [this.categories, this.statuses, ...this.options.values()].flatMap(({ sets }) => [
      ...sets.values(),
    ]);
    return [...all, ...this.ratings, this.inStock].reduce((sum, set) => sum + set.bytes, 0);
  }

  #option(name: string): RowSets<string> {
    let values = this.options.get(name);
    if (!values) this.options.set(name, (values = new RowSets()));
    return values;
  }
}

/** The values of each option over all variants. */
function optionValues(product: CatalogueProduct): Map<string, Set<string>> {
  const all = new Map<string, Set<string>>();
  for (const { options } of product.variants)
    for (const [name, value] of Object.entries(options)) {
      const values = all.get(name) ?? new Set();
      if (values.size === 0) all.set(name, values);
      values.add(value);
    }
  return all;
}
