import { Type, type Static, type TObject } from "typebox";
import { isType, statusOf, type FieldError, type RefusalData } from "./errors.ts";
import { findErrors } from "./json-schema.ts";
import { oneOf, shape } from "./shapes.ts";

/** Rows of one request. */
export const mostRows = 1000;

const Count = Type.Integer({ minimum: 0, maximum: mostRows });
const RowStatus = oneOf("created", "updated", "unchanged", "failed");

/** What became of each row, in the order of the rows; a row fails alone. */
export const BulkResult = shape({
  created: Count,
  updated: Count,
  unchanged: Count,
  failed: Count,
  data: Type.Array(
    shape({
      /** The row's place in the request, from 0. */
      index: Count,
      status: RowStatus,
      /** Slug or SKU that the row names. */
      key: Type.String({ maxLength: 120 }),
      version: Type.Optional(Type.Integer({ minimum: 1, maximum: 9_007_199_254_740_991 })),
      code: Type.Optional(Type.String({ maxLength: 64 })),
      message: Type.Optional(Type.String({ maxLength: 2000 })),
      errors: Type.Optional(
        Type.Array(
          shape({ pointer: Type.String({ maxLength: 2000 }), message: Type.String({ maxLength: 5000 }) }),
          {
            maxItems: 50,
          },
        ),
      ),
    }),
    { maxItems: mostRows },
  ),
});
export type BulkResult = Static<typeof BulkResult>;
type RowResult = BulkResult["data"][number];

/** Body of every bulk action: the rows are checked one by one. */
export const bulkParams = shape({ rows: Type.Array(Type.Unknown(), { minItems: 1, maxItems: mostRows }) });

export interface GoodRow<T> {
  readonly index: number;
  readonly key: string;
  readonly row: T;
}

const keyIn = (row: unknown, field: string): string => {
  const key = (row as Record<string, unknown> | null)?.[field];
  return typeof key === "string" ? key.slice(0, 120) : "";
};

/** The results of one request in the making. */
export class Bulk<T> {
  readonly good: GoodRow<T>[] = [];
  readonly #results: RowResult[] = [];

  /** @param keyOf what a row changes; a second row that changes the same is refused. */
  constructor(schema: TObject, rows: readonly unknown[], keyField: string, keyOf: (row: T) => string) {
    const seen = new Map<string, number>();
    rows.forEach((row, index) => {
      const key = keyIn(row, keyField);
      const errors = findErrors(schema, row);
      if (errors)
        return this.#refuse(index, key, "VALIDATION_ERROR", "The row does not fit its description.", errors);
      const changes = keyOf(row as T);
      const twin = seen.get(changes);
      if (twin !== undefined)
        return this.#refuse(index, key, "DUPLICATE_ROW", `Row ${twin} changes the same.`);
      seen.set(changes, index);
      this.good.push({ index, key, row: row as T });
    });
  }

  done({ index, key }: GoodRow<T>, status: "created" | "updated" | "unchanged", version?: number): void {
    this.#results.push({ index, status, key, ...(version !== undefined && { version }) });
  }

  /** An outage is no refusal of a row: it ends the request. */
  failed({ index, key }: GoodRow<T>, error: unknown): void {
    if (statusOf(error) >= 500 || isType(error, "SERVICE_NOT_FOUND")) throw error as Error;
    const { type, message, data } = error as { type: string; message: string; data?: RefusalData };
    this.#refuse(index, key, type, message, data?.errors);
  }

  #refuse(index: number, key: string, code: string, message: string, errors?: readonly FieldError[]): void {
    const where = errors && {
      errors: errors.map(({ pointer, message: what }) => ({ pointer, message: what })),
    };
    this.#results.push({ index, status: "failed", key, code, message, ...where });
  }

  result(): BulkResult {
    const data = this.#results.toSorted((a, b) => a.index - b.index);
    const count = (status: RowResult["status"]) => data.filter((row) => row.status === status).length;
    const [created, updated, unchanged, failed] = [
      count("created"),
      count("updated"),
      count("unchanged"),
      count("failed"),
    ];
    return { created, updated, unchanged, failed, data };
  }
}
