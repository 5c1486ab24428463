/** Words of a query beyond this are left out: nobody types them, and each costs a look-up. */
export const MOST_WORDS = 12;
const LONGEST_WORD = 60;

/**
 * The words of a text as the index knows them: lower case, no diacritics, no apostrophes, everything that is neither
 * letter nor digit between them. Nothing of FTS5's query language is left in a word.
 */
export function wordsOf(text: string): string[] {
  const folded = text
    .normalize("NFKD")
    .replaceAll(/[\p{M}'’ʼ]/gu, "")
    .toLowerCase();
  return (folded.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => word.slice(0, LONGEST_WORD));
}

/** Words that join others: in every description, and no help to tell products apart. */
const joining = new Set("a an and at by for from in is it of on or that the to with".split(" "));

/** Distinct words of what a shopper typed, in order; joining words only when there are no others. */
export function queryWords(text: string): string[] {
  const words = [...new Set(wordsOf(text))];
  // The last one may be the beginning of a longer word.
  const telling = words.filter(
    (word, i) => !joining.has(word) || (i === words.length - 1 && word.length > 1),
  );
  return (telling.length > 0 ? telling : words).slice(0, MOST_WORDS);
}

/** The word and what it may be the plural of where the stemmer does not see it: scarves, knives. */
export const alternatives = (word: string): string[] =>
  word.length > 4 && word.endsWith("ves")
    ? [word, `${word.slice(0, -3)}f`, `${word.slice(0, -3)}fe`]
    : [word];

/** Three rows of the table of `distance`, used again and again: it is asked for hundreds of words in one search. */
const scratch = Array.from({ length: 3 }, () => new Uint8Array(LONGEST_WORD + 1));

/**
 * Damerau-Levenshtein distance (adjacent letters may be swapped) when it is at most `most`, else `most + 1`; of words of `wordsOf`.
 */
export function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let [beforeLast, last, row] = scratch as [Uint8Array, Uint8Array, Uint8Array];
  for (let j = 0; j <= b.length; j++) last[j] = j;
  for (let i = 1; i <= a.length; i++) {
    row[0] = i;
    let least = i;
    const letter = a.charCodeAt(i - 1);
    for (let j = 1; j <= b.length; j++) {
      const other = b.charCodeAt(j - 1);
      let cost = (last[j - 1] as number) + (letter === other ? 0 : 1);
      cost = Math.min(cost, (last[j] as number) + 1, (row[j - 1] as number) + 1);
      if (i > 1 && j > 1 && letter === b.charCodeAt(j - 2) && a.charCodeAt(i - 2) === other)
        cost = Math.min(cost, (beforeLast[j - 2] as number) + 1);
      row[j] = cost;
      if (cost < least) least = cost;
    }
    if (least > most) return most + 1;
    [beforeLast, last, row] = [last, row, beforeLast];
  }
  return Math.min(last[b.length] as number, most + 1);
}
