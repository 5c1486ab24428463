import { andBits, bitsFor, intersects, orBits, type Bits } from "./search.bits.ts";
import type { SearchIndex } from "./search.index.ts";
import type { Field, Match } from "./search.text.ts";
import { alternatives, queryWords } from "./search.words.ts";

/** Shorter beginnings of words are looked for in names and categories only: they begin half the words of every description. */
const SHORT_PREFIX = 2;

/** Where one word of the query was found. */
export interface WordHits {
  /** In the name, as a whole word. */
  whole: Bits;
  /** In the name, also as the beginning of a word. */
  name: Bits;
  categories: Bits;
  any: Bits;
}

export interface TextHits {
  /** Rows that have every word. */
  rows: Bits;
  words: WordHits[];
  /** The query, folded. */
  text: string;
  /** The query that was searched instead, when a word had to be corrected. */
  didYouMean?: string;
}

/**
 * Finds what a shopper typed among the `visible` rows: all words, the last one also as a beginning. A word that no visible
 * row has is replaced by the nearest ones of the vocabulary; so is each word when together they find nothing.
 */
export function resolve(index: SearchIndex, typed: string, visible: Bits): TextHits {
  const words = queryWords(typed);
  const exact = new Resolver(index, visible, words);
  const found = exact.hits((word, last) => exact.asTyped(word, last) ?? exact.corrected(word));
  if (words.length < 2 || found.didYouMean !== undefined || intersects(found.rows, visible)) return found;
  const forgiving = exact.hits((word, last) => exact.either(word, last));
  return intersects(forgiving.rows, visible) ? forgiving : found;
}

const nothing = bitsFor(0);

interface Found {
  hits: WordHits;
  /** The word that stands for the typed one. */
  word: string;
}

class Resolver {
  readonly #index: SearchIndex;
  readonly #visible: Bits;
  readonly #words: readonly string[];

  constructor(index: SearchIndex, visible: Bits, words: readonly string[]) {
    this.#index = index;
    this.#visible = visible;
    this.#words = words;
  }

  hits(find: (word: string, last: boolean) => Found): TextHits {
    const found = this.#words.map((word, i) => find(word, i === this.#words.length - 1));
    const rows = found.length > 0 ? this.#visible.slice() : bitsFor(0);
    for (const { hits } of found) andBits(rows, hits.any);
    const text = this.#words.join(" ");
    const searched = found.map(({ word }) => word).join(" ");
    const words = found.map(({ hits }) => hits);
    return searched === text ? { rows, words, text } : { rows, words, text: searched, didYouMean: searched };
  }

  /** Undefined when no visible row has the word. */
  asTyped(word: string, last: boolean): Found | undefined {
    const hits = last ? this.#beginning(word) : this.#whole(alternatives(word));
    return intersects(hits.any, this.#visible) ? { hits, word } : undefined;
  }

  /** The nearest words of the vocabulary, the likeliest of them weighing most. */
  corrected(word: string): Found {
    const nearest = this.#index.vocabulary.closest(word);
    if (nearest[0] === undefined) return { hits: this.#whole(alternatives(word)), word };
    const all = this.#whole(nearest);
    return { hits: { ...all, whole: this.#whole([nearest[0]]).whole }, word: nearest[0] };
  }

  /** The word itself or, behind it, its corrections. */
  either(word: string, last: boolean): Found {
    const typed = last ? this.#beginning(word) : this.#whole(alternatives(word));
    const other = this.corrected(word);
    if (other.word === word) return { hits: typed, word };
    return {
      hits: {
        whole: typed.whole,
        name: this.#union(typed.name, other.hits.name),
        categories: this.#union(typed.categories, other.hits.categories),
        any: this.#union(typed.any, other.hits.any),
      },
      word: other.word,
    };
  }

  #whole(words: readonly string[]): WordHits {
    const any = this.#find(words, "stem", undefined);
    const name = this.#within(any, words, "stem", "name");
    return { whole: name, name, categories: this.#within(any, words, "stem", "categories"), any };
  }

  #beginning(word: string): WordHits {
    const whole = this.#whole(alternatives(word));
    const wide = word.length > SHORT_PREFIX ? this.#find([word], "prefix", undefined) : undefined;
    const name = this.#union(whole.name, this.#within(wide, [word], "prefix", "name"));
    const categories = this.#union(whole.categories, this.#within(wide, [word], "prefix", "categories"));
    const any = this.#union(whole.any, wide ?? this.#union(name, categories));
    return { whole: whole.name, name, categories, any };
  }

  /** The rows of `wide` (every row, when undefined) that have a word in one field. */
  #within(wide: Bits | undefined, words: readonly string[], match: Match, field: Field): Bits {
    const possible = field === "name" || words.some((word) => this.#index.tree.mayHave(word));
    if (!possible || (wide && !intersects(wide, this.#visible))) return nothing;
    return this.#find(words, match, field);
  }

  #find(words: readonly string[], match: Match, field: Field | undefined): Bits {
    return this.#index.text.find(words, match, field, this.#index.capacity);
  }

  #union(a: Bits, b: Bits): Bits {
    if (b.length === 0) return a;
    if (a.length === 0) return b;
    const all = a.slice();
    orBits(all, b);
    return all;
  }
}
