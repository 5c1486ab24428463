import type { Category } from "../products/products.contract.ts";
import { wordsOf } from "./search.words.ts";

/** The tree of categories as it was when the index read it. */
export class CategoryTree {
  readonly #bySlug: Map<string, Category>;
  readonly #children = new Map<string, string[]>();
  /** The first letters of every word in a name. */
  readonly #beginnings = new Set<string>();

  constructor(categories: readonly Category[]) {
    this.#bySlug = new Map(categories.map((category) => [category.slug, category]));
    for (const { slug, name, parent } of categories) {
      for (const word of wordsOf(name)) this.#beginnings.add(word.slice(0, 2)).add(word.slice(0, 1));
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

  /** Whether a name may have a word with this stem or beginning; stems keep their first letters. */
  mayHave(word: string): boolean {
    return this.#beginnings.has(word.slice(0, 2));
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
