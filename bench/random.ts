/** Numbers of [0, 1); the same seed gives the same row of them. */
export type Random = () => number;

/** Mulberry32: small, fast, good enough for sample data; never for secrets. */
export function seeded(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A seed of its own for the n-th thing, so that it can be made without those before it. */
export function seedAt(seed: number, n: number): number {
  let mixed = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(n + 1, 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b);
  return mixed ^ (mixed >>> 15);
}

/** A whole number from `low` to `high`, both included. */
export const between = (random: Random, low: number, high: number): number =>
  low + Math.floor(random() * (high - low + 1));

export function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T;
}

const QUANTILES = 2 ** 20;

/** Draws ranks 0 to size - 1 with Zipf's frequencies, 1 / (rank + 1), from a table of quantiles. */
export function zipf(size: number): (random: Random) => number {
  const table = new Uint16Array(QUANTILES);
  let harmonic = 0;
  for (let rank = 1; rank <= size; rank++) harmonic += 1 / rank;
  let sum = 0;
  let filled = 0;
  for (let rank = 0; rank < size; rank++) {
    sum += 1 / (rank + 1) / harmonic;
    const end = rank === size - 1 ? QUANTILES : Math.round(sum * QUANTILES);
    table.fill(rank, filled, end);
    filled = end;
  }
  return (random) => table[Math.floor(random() * QUANTILES)] as number;
}
