import { stringify } from "csv-stringify/sync";

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

/** A spreadsheet would run a cell that begins like a formula. */
export const safeCell = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

/** Columns of a row's schema, from left to right: `id`, `total.amount`. What has no fields of its own is one column. */
export function columnsOf(row: object, prefix = ""): string[] {
  const { properties = {} } = row as Schema;
  return Object.entries(properties).flatMap(([name, part]) =>
    part.properties ? columnsOf(part, `${prefix}${name}.`) : [`${prefix}${name}`],
  );
}

function valueAt(row: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (part, name) =>
      typeof part === "object" && part !== null ? (part as Record<string, unknown>)[name] : undefined,
    row,
  );
}

function cellOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return safeCell(value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return safeCell(value.join("|"));
  return JSON.stringify(value);
}

/** Makes the writer of CSV lines; a column is a path into the row, or a key of its own that holds a dot. */
export function csvWriter(columns: readonly string[]): (rows: readonly unknown[]) => string {
  const paths = columns.map((column) => [column, column.split(".")] as const);
  return (rows) =>
    stringify(
      rows.map((row) =>
        paths.map(([column, path]) => cellOf((row as Record<string, unknown>)[column] ?? valueAt(row, path))),
      ),
    );
}

export const csvHeader = (columns: readonly string[]): string => stringify([[...columns]]);
