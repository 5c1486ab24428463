import { refuse } from "../contract/errors.ts";

type Kind = "string" | "number" | "integer";

/** What a list can have put in: text and whole numbers that every database takes. */
const kinds: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  string: (value) => typeof value === "string" && value.isWellFormed() && !value.includes("\0"),
  number: Number.isFinite,
  integer: Number.isSafeInteger,
};

/** Makes an opaque cursor of the sort values of a page's last row (the last of them its id). */
export const encodeCursor = (values: readonly (string | number | null)[]): string =>
  Buffer.from(JSON.stringify(values)).toString("base64url");

/**
 * The sort values of a cursor that `encodeCursor` made, `types` long and of these types.
 * @throws 422 `CURSOR_INVALID` for anything else.
 */
export function decodeCursor(cursor: string, types: readonly Kind[]): (string | number)[] {
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    if (
      Array.isArray(values) &&
      values.length === types.length &&
      types.every((type, i) => kinds[type](values[i]))
    )
      return values as (string | number)[];
  } catch {
    // falls through: not ours
  }
  throw refuse(422, "CURSOR_INVALID", "This cursor was not made by this list.", {
    errors: [{ pointer: "/cursor", message: "is not a cursor of this list" }],
  });
}
