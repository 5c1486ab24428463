import { hash } from "node:crypto";

/** Rows and the sum of their hashes: equal for equal rows, in whatever order they come. */
export interface Sum {
  rows: number;
  /** Hexadecimal. */
  sum: string;
}

const modulus = 1n << 128n;

/** Text of a value in which neither the order of fields nor the kind of a whole number matters. */
export function canonical(value: unknown): string {
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value).filter(([, field]) => field !== undefined);
    fields.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join(",")}}`;
  }
  return JSON.stringify(value ?? null);
}

export class Checksum {
  #rows = 0;
  #sum = 0n;

  add(row: object): void {
    this.#rows += 1;
    const digest = hash("sha256", canonical(row), "hex").slice(0, 32);
    this.#sum = (this.#sum + BigInt(`0x${digest}`)) % modulus;
  }

  get value(): Sum {
    return { rows: this.#rows, sum: this.#sum.toString(16).padStart(32, "0") };
  }
}

export const isEqual = (a: Sum, b: Sum): boolean => a.rows === b.rows && a.sum === b.sum;
