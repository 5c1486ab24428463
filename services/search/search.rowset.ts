import {
  andBits,
  bitsFor,
  clearBit,
  countBits,
  eachBit,
  hasBit,
  orBits,
  setBit,
  type Bits,
} from "./search.bits.ts";

/** Up to this many rows are kept one by one: a bitset of 100,000 rows takes 12.5 KB, whatever is in it. */
const FEW = 128;

/** A set of rows that stays small when it has few of them, and is fast to intersect when it has many. */
export class RowSet {
  #few: Set<number> | undefined = new Set();
  #bits: Bits | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(row: number): boolean {
    return this.#bits ? hasBit(this.#bits, row) : (this.#few?.has(row) ?? false);
  }

  /** Puts the row in or takes it out. */
  set(row: number, member: boolean): void {
    if (this.has(row) === member) return;
    this.#size += member ? 1 : -1;
    if (this.#few) {
      if (!member) this.#few.delete(row);
      else if (this.#few.add(row).size > FEW) this.#spread(row);
      return;
    }
    this.#reach(row);
    (member ? setBit : clearBit)(this.#bits as Bits, row);
  }

  /** Removes from `target` what is not in this set. */
  and(target: Bits): void {
    if (this.#bits) {
      andBits(target, this.#bits);
      return;
    }
    const both = [...(this.#few ?? [])].filter((row) => hasBit(target, row));
    target.fill(0);
    for (const row of both) setBit(target, row);
  }

  /** Adds this set to `target`, which must reach that far. */
  or(target: Bits): void {
    if (this.#bits) orBits(target, this.#bits);
    else for (const row of this.#few ?? []) setBit(target, row);
  }

  countIn(target: Bits): number {
    if (this.#bits) return countBits(this.#bits, target);
    let count = 0;
    for (const row of this.#few ?? []) if (hasBit(target, row)) count++;
    return count;
  }

  copy(rows: number): Bits {
    const bits = bitsFor(rows);
    this.or(bits);
    return bits;
  }

  members(): number[] {
    if (this.#few) return [...this.#few];
    const rows: number[] = [];
    eachBit(this.#bits as Bits, (row) => rows.push(row));
    return rows;
  }

  get bytes(): number {
    return this.#bits ? this.#bits.byteLength : (this.#few?.size ?? 0) * 32;
  }

  #spread(highest: number): void {
    const few = this.#few ?? [];
    this.#few = undefined;
    this.#bits = bitsFor(Math.max(highest, ...few) + 1);
    for (const row of few) setBit(this.#bits, row);
  }

  #reach(row: number): void {
    const bits = this.#bits as Bits;
    if (row >>> 5 < bits.length) return;
    const wider = bitsFor(Math.max(row + 1, bits.length * 48));
    wider.set(bits);
    this.#bits = wider;
  }
}

/** Sets by name; an empty one is forgotten. */
export class RowSets<K> {
  readonly sets = new Map<K, RowSet>();

  set(key: K, row: number, member: boolean): void {
    let set = this.sets.get(key);
    if (!set) {
      if (!member) return;
      this.sets.set(key, (set = new RowSet()));
    }
    set.set(row, member);
    if (set.size === 0) this.sets.delete(key);
  }
}
