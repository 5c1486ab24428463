import { eachBit, hasBit, type Bits } from "./search.bits.ts";
import type { SearchIndex } from "./search.index.ts";
import type { TextHits, WordHits } from "./search.resolve.ts";

/** Points of a word by where it was found; the best place counts. */
const WHOLE_WORD_IN_NAME = 100;
const IN_NAME = 80;
const IN_CATEGORY = 35;
const ANYWHERE = 12;
/** For a name that has all words and few others, by the share of it that they make up. */
const COVERAGE = 40;
/** For a name that begins with the query. */
const BEGINS = 15;
const IN_STOCK = 20;
/** Per star of the weighted rating. */
const STAR = 2;

const pointsOf = ({ whole, name, categories }: WordHits, row: number): number =>
  hasBit(whole, row)
    ? WHOLE_WORD_IN_NAME
    : hasBit(name, row)
      ? IN_NAME
      : hasBit(categories, row)
        ? IN_CATEGORY
        : ANYWHERE;

/**
 * How well a row answers the query: a whole number that depends on the row alone, not on the others (as bm25 does), so that
 * a cursor stays where it is while products come and go.
 */
export function scoreOf(index: SearchIndex, hits: TextHits, row: number): number {
  let points = 0;
  let inName = 0;
  for (const word of hits.words) {
    points += pointsOf(word, row);
    if (hasBit(word.name, row)) inName++;
  }
  const { name, words, best } = index.columns;
  let score = points / hits.words.length;
  if (inName === hits.words.length) {
    score += (COVERAGE * inName) / (words[row] as number);
    if (name[row]?.startsWith(hits.text)) score += BEGINS;
  }
  if (index.facets.inStock.has(row)) score += IN_STOCK;
  return Math.round(10 * (score + STAR * (best[row] as number)));
}

export interface Ranked {
  row: number;
  score: number;
}

/** The best `limit` of the rows that come behind `after`, best first; rows of one score by id. */
export function ranked(
  index: SearchIndex,
  hits: TextHits,
  among: Bits,
  after: { score: number; id: string } | undefined,
  limit: number,
): Ranked[] {
  const ids = index.columns.id;
  const best: Ranked[] = [];
  let worst = -1;
  eachBit(among, (row) => {
    const score = scoreOf(index, hits, row);
    if (score < worst || (after && score > after.score)) return;
    const id = ids[row] as string;
    if (after && score === after.score && id <= after.id) return;
    let at = best.length;
    while (at > 0 && isBefore(ids, score, id, best[at - 1] as Ranked)) at--;
    if (at >= limit) return;
    best.splice(at, 0, { row, score });
    if (best.length > limit) best.pop();
    if (best.length === limit) worst = best.at(-1)?.score ?? -1;
  });
  return best;
}

const isBefore = (ids: readonly string[], score: number, id: string, than: Ranked): boolean =>
  score > than.score || (score === than.score && id < (ids[than.row] as string));
