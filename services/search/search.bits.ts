/** A set of row numbers, one bit each; a row beyond its length is not in it. */
export type Bits = Uint32Array;

export const bitsFor = (rows: number): Bits => new Uint32Array((rows + 31) >>> 5);

export const hasBit = (bits: Bits, row: number): boolean =>
  (((bits[row >>> 5] ?? 0) >>> (row & 31)) & 1) === 1;

export function setBit(bits: Bits, row: number): void {
  bits[row >>> 5] = (bits[row >>> 5] ?? 0) | (1 << (row & 31));
}

export function clearBit(bits: Bits, row: number): void {
  bits[row >>> 5] = (bits[row >>> 5] ?? 0) & ~(1 << (row & 31));
}

/** Bits of one 32-bit word. */
export function ones(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Rows in `a`, or in both when `b` is given. */
export function countBits(a: Bits, b: Bits = a): number {
  const length = Math.min(a.length, b.length);
  let count = 0;
  for (let i = 0; i < length; i++) {
    const word = (a[i] as number) & (b[i] as number);
    if (word !== 0) count += ones(word);
  }
  return count;
}

export function andBits(target: Bits, other: Bits): void {
  for (let i = 0; i < target.length; i++) target[i] = (target[i] as number) & (other[i] ?? 0);
}

export function andNotBits(target: Bits, other: Bits): void {
  const length = Math.min(target.length, other.length);
  for (let i = 0; i < length; i++) target[i] = (target[i] as number) & ~(other[i] as number);
}

export function orBits(target: Bits, other: Bits): void {
  const length = Math.min(target.length, other.length);
  for (let i = 0; i < length; i++) target[i] = (target[i] as number) | (other[i] as number);
}

/** Calls `visit` for each row, in order. */
export function eachBit(bits: Bits, visit: (row: number) => void): void {
  for (let i = 0; i < bits.length; i++) {
    let word = bits[i] as number;
    while (word !== 0) {
      visit((i << 5) + (31 - Math.clz32(word & -word)));
      word &= word - 1;
    }
  }
}

export const intersects = (a: Bits, b: Bits): boolean => {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (((a[i] as number) & (b[i] as number)) !== 0) return true;
  return false;
};
