import type { Handler } from "../../contract/implement.ts";
import { intersects, type Bits } from "./search.bits.ts";
import type contract from "./search.contract.ts";
import { inCategory } from "./search.counts.ts";
import type { SearchIndex } from "./search.index.ts";
import { ranked } from "./search.rank.ts";
import { resolve } from "./search.resolve.ts";
import type { SearchActor } from "./search.actor.ts";
import { wordsOf } from "./search.words.ts";

const SUGGESTIONS = 6;
const CATEGORIES = 4;

/** Products and categories for a search box while somebody types in it. */
export const suggest: Handler<typeof contract, "suggest", SearchActor> = function ({ params }) {
  const index = this.readyIndex();
  const currency = params.currency ?? this.config.currency;
  const sold = index.sold(currency).copy(index.capacity);
  const hits = resolve(index, params.q, sold);
  const rows = ranked(index, hits, hits.rows, undefined, params.limit ?? SUGGESTIONS);
  return {
    products: rows.map(({ row }) => {
      const { id, slug, name, images } = index.rows.card(row, currency);
      return { id, slug, name, image: images[0]?.url ?? null };
    }),
    categories: categoriesFor(index, hits.text, sold),
    ...(hits.didYouMean !== undefined && intersects(hits.rows, sold) ? { didYouMean: hits.didYouMean } : {}),
  };
};

/** Categories in whose names every word is or begins a word. */
function categoriesFor(index: SearchIndex, text: string, sold: Bits) {
  const words = wordsOf(text);
  if (words.length === 0) return [];
  return [...index.tree.all]
    .filter(({ name }) => {
      const known = wordsOf(name);
      return words.every((word) => known.some((each) => each.startsWith(word)));
    })
    .map(({ slug, name }) => ({ slug, name, count: inCategory(index, slug, sold) }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, CATEGORIES);
}
