import { ones } from "./search.bits.ts";
import { distance } from "./search.words.ts";

/** Words of one length with the letters they have. */
interface Shelf {
  words: string[];
  /** One bit per letter (its code modulo 32): two words `d` edits apart differ in at most 2d of them. */
  masks: number[];
}

const SHORTEST = 4;
const LONG = 8;
/** From here on a second edit is tried when one brings nothing: bycicle. */
const NEARLY_LONG = 6;
/** Candidates that stand for an unknown word. */
const MOST = 4;
/** Answers that are kept until a word comes or goes. */
const KEPT = 1000;

/** Edits that a word may be away: one for 4 to 7 letters, two above, none below. */
export const editsFor = (word: string): number => (word.length < SHORTEST ? 0 : word.length < LONG ? 1 : 2);

function maskOf(word: string): number {
  let mask = 0;
  for (let i = 0; i < word.length; i++) mask |= 1 << (word.charCodeAt(i) & 31);
  return mask;
}

/** The words of the sold products and how often they occur; the source of corrections. */
export class Vocabulary {
  readonly #counts = new Map<string, number>();
  readonly #shelves = new Map<number, Shelf>();
  readonly #kept = new Map<string, string[]>();

  get size(): number {
    return this.#counts.size;
  }

  /** `times` is negative when a text goes. */
  add(words: Iterable<string>, times: number): void {
    this.#kept.clear();
    for (const word of words) {
      const before = this.#counts.get(word);
      if (before === undefined) this.#shelve(word);
      this.#counts.set(word, Math.max(0, (before ?? 0) + times));
    }
  }

  /** The words nearest to `word` by edits, the likeliest first; none when it is too short to tell. */
  closest(word: string): string[] {
    let found = this.#kept.get(word);
    if (found) return found;
    found = this.#search(word);
    if (this.#kept.size >= KEPT) this.#kept.clear();
    this.#kept.set(word, found);
    return found;
  }

  #search(word: string): string[] {
    const most = editsFor(word);
    if (most === 0) return [];
    const near = this.#within(word, most);
    const found =
      near.length === 0 && most === 1 && word.length >= NEARLY_LONG ? this.#within(word, 2) : near;
    const least = Math.min(...found.map((each) => each.edits));
    return found
      .filter((each) => each.edits === least)
      .sort((a, b) => b.weight - a.weight || (a.word < b.word ? -1 : 1))
      .slice(0, MOST)
      .map((each) => each.word);
  }

  #within(word: string, most: number): { word: string; edits: number; weight: number }[] {
    const mask = maskOf(word);
    const found: { word: string; edits: number; weight: number }[] = [];
    for (let length = word.length - most; length <= word.length + most; length++) {
      const shelf = this.#shelves.get(length);
      if (!shelf) continue;
      for (let i = 0; i < shelf.masks.length; i++) {
        if (ones(mask ^ (shelf.masks[i] as number)) > 2 * most) continue;
        const candidate = shelf.words[i] as string;
        const count = this.#counts.get(candidate) ?? 0;
        if (count === 0 || candidate === word) continue;
        const edits = distance(word, candidate, most);
        // People seldom get the first letter wrong.
        const weight = candidate.startsWith(word.charAt(0)) ? count * 4 : count;
        if (edits <= most) found.push({ word: candidate, edits, weight });
      }
    }
    return found;
  }

  #shelve(word: string): void {
    const shelf = this.#shelves.get(word.length) ?? { words: [], masks: [] };
    if (shelf.words.length === 0) this.#shelves.set(word.length, shelf);
    shelf.words.push(word);
    shelf.masks.push(maskOf(word));
  }
}
