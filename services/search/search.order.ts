import { hasBit, type Bits } from "./search.bits.ts";

export type Column = string[] | number[];
export type SortValue = string | number;

/**
 * Rows sorted by columns, the last of them the id, so that no two are equal and a cursor of these values finds its place
 * again whatever is inserted. A row must be taken out before any of its columns changes.
 */
export class Order {
  readonly #columns: readonly Column[];
  #rows = new Uint32Array(1024);
  #size = 0;

  constructor(...columns: Column[]) {
    this.#columns = columns;
  }

  get bytes(): number {
    return this.#rows.byteLength;
  }

  keyOf(row: number): SortValue[] {
    return this.#columns.map((column) => column[row] as SortValue);
  }

  /** Adds rows that are not in it yet; each of the others moves at most once. */
  insert(rows: readonly number[]): void {
    const sorted = [...rows].sort((a, b) => this.#compare(a, this.keyOf(b)));
    this.#reach(this.#size + sorted.length);
    let end = this.#size;
    for (let left = sorted.length; left > 0; left--) {
      const row = sorted[left - 1] as number;
      const at = this.#seek(this.keyOf(row), end);
      this.#rows.copyWithin(at + left, at, end);
      this.#rows[at + left - 1] = row;
      end = at;
    }
    this.#size += sorted.length;
  }

  remove(row: number): void {
    const at = this.#seek(this.keyOf(row), this.#size);
    if (this.#rows[at] !== row || at >= this.#size) return;
    this.#rows.copyWithin(at, at + 1, this.#size);
    this.#size--;
  }

  /** The next `limit` rows of `among` behind the sort values `after`. */
  page(among: Bits, descending: boolean, after: readonly SortValue[] | undefined, limit: number): number[] {
    const found: number[] = [];
    const rows = this.#rows;
    if (descending) {
      let at = after ? this.#seek(after, this.#size) - 1 : this.#size - 1;
      for (; at >= 0 && found.length < limit; at--)
        if (hasBit(among, rows[at] as number)) found.push(rows[at] as number);
      return found;
    }
    let at = after ? this.#seek(after, this.#size) : 0;
    const first = rows[at];
    if (after && at < this.#size && this.#compare(first as number, after) === 0) at++;
    for (; at < this.#size && found.length < limit; at++)
      if (hasBit(among, rows[at] as number)) found.push(rows[at] as number);
    return found;
  }

  /** Position of the first row that is not before `key`. */
  #seek(key: readonly SortValue[], end: number): number {
    let low = 0;
    let high = end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(this.#rows[middle] as number, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compare(row: number, key: readonly SortValue[]): number {
    for (let i = 0; i < this.#columns.length; i++) {
      const value = (this.#columns[i] as Column)[row] as SortValue;
      const other = key[i] as SortValue;
      if (value < other) return -1;
      if (value > other) return 1;
    }
    return 0;
  }

  #reach(size: number): void {
    if (size <= this.#rows.length) return;
    const wider = new Uint32Array(Math.max(size, Math.ceil(this.#rows.length * 1.5)));
    wider.set(this.#rows);
    this.#rows = wider;
  }
}
