import { traced } from "../tracing/current.ts";
import type { RowLookup } from "./row-lookup.ts";
import type { Sql } from "./sql.ts";
import type { Row, SqlReader, Table } from "./sql.types.ts";

/** Reads as spans of the call that asks. */
export class TracedReader implements SqlReader {
  readonly #reader: SqlReader;

  readonly #actor: string;

  constructor(actor: string, reader: SqlReader) {
    this.#actor = actor;
    this.#reader = reader;
  }

  get dialect(): SqlReader["dialect"] {
    return this.#reader.dialect;
  }
  all<R = Row>(query: Sql): Promise<R[]> {
    return traced(this.#actor, query.strings, () => this.#reader.all<R>(query));
  }
  get<R = Row>(query: Sql): Promise<R | undefined> {
    return traced(this.#actor, query.strings, () => this.#reader.get<R>(query));
  }
  find<R>(lookup: RowLookup<R>, keys: readonly string[]): Promise<R[]> {
    return traced(this.#actor, lookup.one, () => this.#reader.find(lookup, keys));
  }
  rows(columns: Table, values: readonly object[]): Sql {
    return this.#reader.rows(columns, values);
  }
}
