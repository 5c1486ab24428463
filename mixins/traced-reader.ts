import { currentSpan } from "../tracing/current.ts";
import { ended, type Span } from "../tracing/span.ts";
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
    const span = this.#span(query);
    const rows = this.#reader.all<R>(query);
    return span === undefined ? rows : ended(span, rows);
  }
  get<R = Row>(query: Sql): Promise<R | undefined> {
    const span = this.#span(query);
    const row = this.#reader.get<R>(query);
    return span === undefined ? row : ended(span, row);
  }
  rows(columns: Table, values: readonly object[]): Sql {
    return this.#reader.rows(columns, values);
  }

  #span(query: Sql): Span | undefined {
    return currentSpan(this.#actor)?.child("sql", query.strings);
  }
}
