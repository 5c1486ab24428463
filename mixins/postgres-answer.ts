import pg from "pg";
import type { Row } from "./sql.types.ts";

/** What the server answered. */
export interface Answer {
  readonly rows: Row[];
  /** Rows that a write changed, or that a question brought. */
  readonly count: number;
  /** As the server calls what it did, such as `COMMIT`. */
  readonly command: string;
}

export interface Prepared {
  readonly text: string;
  /** One name for each text: it is prepared once for each connection. */
  readonly name: string;
  readonly values: readonly (string | number | bigint | null)[];
}

export interface Field {
  name: string;
  dataTypeID: number;
}
export interface Column {
  readonly name: string;
  readonly parse: (value: string) => unknown;
}
export type Values = readonly (string | null)[];

const BOOL = 16;
const INT8 = 20;
const NUMERIC = 1700;

/** Same values as SQLite's: whole numbers as numbers, booleans as 0 and 1. */
function parserOf(oid: number): Column["parse"] {
  if (oid === INT8 || oid === NUMERIC) return Number;
  if (oid === BOOL) return (value) => (value === "t" ? 1 : 0);
  return pg.types.getTypeParser(oid, "text") as Column["parse"];
}

/** As the server takes a bound value. */
export const asText = (value: Prepared["values"][number]): string | null =>
  value === null || typeof value === "string" ? value : String(value);

/** One statement on its way, and its answer so far. */
export class Statement implements Answer {
  readonly prepared: Prepared;
  readonly rows: Row[] = [];
  count = 0;
  command = "";
  /** Undefined until it was described. */
  columns: readonly Column[] | undefined;
  failure: Error | undefined;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;

  constructor(prepared: Prepared, resolve: (answer: Answer) => void, reject: (error: Error) => void) {
    this.prepared = prepared;
    this.resolve = resolve;
    this.reject = reject;
  }

  describe(fields: readonly Field[]): void {
    this.columns = fields.map(({ name, dataTypeID }) => ({ name, parse: parserOf(dataTypeID) }));
  }

  take(values: Values): void {
    const row: Row = {};
    const { columns = [] } = this;
    for (let i = 0; i < columns.length; i++) {
      const value = values[i] ?? null;
      const { name, parse } = columns[i] as Column;
      row[name] = (value === null ? null : parse(value)) as Row[string];
    }
    this.rows.push(row);
  }

  settle(): void {
    if (this.failure === undefined) this.resolve(this);
    else this.reject(this.failure);
  }
}
