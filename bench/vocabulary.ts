import { between, pick, seeded, zipf, type Random } from "./random.ts";

const functionWords = "the and with for a of in to from that is it by your every one".split(" ");
/** Words of a shop's own language, the most frequent first. */
const frequent = `soft made light two steel cotton hand fine
  easy warm oak wool small water design quiet cover long dry care natural wide brass day linen weight daily base glass
  round hold frame strong kind finish set colour washed edge year simple deep inside home grip clean travel leather
  winter summer quick pocket smooth double slim recycled layer woven bright folding heavy classic handle compact padded
  adjustable waterproof ceramic bamboo organic seal stitched brushed stackable matt enamel insulated portable`.split(
  /\s+/,
);

const starts = "b br c ch cl d dr f fl g gr h j k l m n p pl qu r s sc sh sl st t tr v w z".split(" ");
const vowels = "a e i o u a e i o u ea ee oa".split(" ");
const ends = "b ck d g l ll m n nd nt p r rd rn s sh st t th x".split(" ");

function inventedWord(random: Random): string {
  const syllables = between(random, 1, 3);
  let word = "";
  for (let i = 0; i < syllables; i++) word += pick(random, starts) + pick(random, vowels);
  return word + pick(random, ends);
}

export interface Vocabulary {
  /** All different; the frequent first. */
  words: string[];
  /** One word, as often as its rank says. */
  draw: (random: Random) => string;
  /** The same without the words that only join others, for names. */
  drawForName: (random: Random) => string;
}

/** Real shop words in front, invented ones behind them, drawn with Zipf's frequencies. At most 65,536 words. */
export function vocabulary(seed: number, size: number): Vocabulary {
  const random = seeded(seed);
  const known = new Set([...functionWords, ...frequent]);
  while (known.size < size) known.add(inventedWord(random));
  const words = [...known].slice(0, size);
  const telling = words.slice(functionWords.length);
  const rank = zipf(words.length);
  const tellingRank = zipf(telling.length);
  return {
    words,
    draw: (by) => words[rank(by)] as string,
    drawForName: (by) => telling[tellingRank(by)] as string,
  };
}
