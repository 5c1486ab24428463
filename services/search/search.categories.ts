import type { Category } from "../products/products.contract.ts";

/** The tree of categories as it was when the index read it. */
export class CategoryTree {
  readonly #bySlug: Map<string, Category>;
  readonly #children = new Map<string, string[]>();

  constructor(categories: readonly Category[]) {
    this.#bySlug = new Map(categories.map((category) => [category.slug, category]));
    for (const { slug, parent } of categories) {
      if (parent === null) continue;
      const siblings = this.#children.get(parent) ?? [];
      if (siblings.length === 0) this.#children.set(parent, siblings);
      siblings.push(slug);
    }
  }

  get all(): Iterable<Category> {
    return this.#bySlug.values();
  }

  /** The category and everything below it. */
  below(slug: string): string[] {
    const found = new Set([slug]);
    for (const each of found) for (const child of this.#children.get(each) ?? []) found.add(child);
    return [...found];
  }

  /** The given categories and everything above them. */
  above(slugs: readonly string[]): string[] {
    const found = new Set(slugs);
    for (const each of found) {
      const parent = this.#bySlug.get(each)?.parent;
      if (parent != null) found.add(parent);
    }
    return [...found];
  }

  nameOf(slug: string): string {
    return this.#bySlug.get(slug)?.name ?? slug.replaceAll("-", " ");
  }

  /** Slugs whose own name or place in the tree differs from `other`'s. */
  changedFrom(other: CategoryTree): string[] {
    const slugs = new Set([...this.#bySlug.keys(), ...other.#bySlug.keys()]);
    return [...slugs].filter((slug) => {
      const a = this.#bySlug.get(slug);
      const b = other.#bySlug.get(slug);
      return a?.name !== b?.name || a?.parent !== b?.parent;
    });
  }
}
