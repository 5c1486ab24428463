import { Type, type Static, type TProperties } from "typebox";

/** An object that refuses unknown fields: every params, body and answer schema is made with it. */
export const shape = <P extends TProperties>(
  properties: P,
  options: { description?: string; minProperties?: number } = {},
) => Type.Object(properties, { ...options, additionalProperties: false });

/** UUIDv7 in lower case. */
export const Id = Type.String({
  maxLength: 36,
  pattern: "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
  description: "UUIDv7",
});
/** A time as UTC ISO 8601, milliseconds and Z. */
export const Time = Type.String({ format: "date-time", maxLength: 30 });
/** ISO 4217, upper case. */
export const Currency = Type.String({ maxLength: 3, pattern: "^[A-Z]{3}$", description: "ISO 4217" });
/** ISO 3166-1 alpha-2, upper case. */
export const Country = Type.String({
  maxLength: 2,
  pattern: "^[A-Z]{2}$",
  description: "ISO 3166-1 alpha-2",
});
/** Case-sensitive. */
export const Sku = Type.String({
  minLength: 1,
  maxLength: 64,
  pattern: "^[^\\s\\u0000-\\u001f]+( [^\\s\\u0000-\\u001f]+)*$",
});
export const Slug = Type.String({ minLength: 1, maxLength: 120, pattern: "^[a-z0-9]+(-[a-z0-9]+)*$" });
export const Email = Type.String({ format: "email", maxLength: 254 });
/** Grows by one with each change of its row. */
export const Version = Type.Integer({ minimum: 1, maximum: 9_007_199_254_740_991 });
/** Units of one line. */
export const Quantity = Type.Integer({ minimum: 1, maximum: 100_000 });
/** One line of text that a person typed: no control characters. */
export const Line = (maxLength: number, minLength = 1) =>
  Type.String({ minLength, maxLength, pattern: "^[^\\u0000-\\u001f\\u007f]*$" });
/** Text of several lines that a person typed. */
export const Text = (maxLength: number, minLength = 0) =>
  Type.String({ minLength, maxLength, pattern: "^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f]*$" });

/** Integer minor units and their currency. */
export const Money = shape({
  amount: Type.Integer({ minimum: -9_007_199_254_740_991, maximum: 9_007_199_254_740_991 }),
  currency: Currency,
});
export type Money = Static<typeof Money>;

/** Money that a body may name: never negative. */
export const Price = shape({
  amount: Type.Integer({ minimum: 0, maximum: 1_000_000_000_000 }),
  currency: Currency,
});

export const Address = shape({
  name: Line(200),
  line1: Line(200),
  line2: Type.Optional(Line(200, 0)),
  city: Line(120),
  region: Type.Optional(Line(120, 0)),
  postalCode: Line(20),
  country: Country,
});
export type Address = Static<typeof Address>;

export const Limit = Type.Integer({ minimum: 1, maximum: 100 });
/** Opaque; made by the list that it continues. */
export const Cursor = Type.String({ minLength: 1, maxLength: 1000, pattern: "^[A-Za-z0-9_-]+$" });

/** One page of a list. */
export const page = <T extends Parameters<typeof Type.Array>[0]>(item: T) =>
  shape({
    data: Type.Array(item, { maxItems: 100 }),
    page: shape({ next: Type.Union([Cursor, Type.Null()]) }),
  });

/** One part of an export: rows, where the next part begins, and the columns of its CSV when the rows alone do not tell them. */
export const rowsPage = <T extends Parameters<typeof Type.Array>[0]>(row: T) =>
  shape({
    data: Type.Array(row, { maxItems: 1000 }),
    next: Type.Union([Cursor, Type.Null()]),
    columns: Type.Optional(Type.Array(Type.String({ maxLength: 60 }), { maxItems: 1000 })),
  });
/** Query of every export; `after` is the gateway's own. */
export const exporting = {
  format: Type.Optional(Type.Unsafe<"csv" | "ndjson">({ type: "string", enum: ["csv", "ndjson"] })),
  after: Type.Optional(Cursor),
};

export const Empty = shape({});
export const Nothing = Type.Null();

/** A closed set of words. */
export const oneOf = <const V extends readonly string[]>(...values: V) =>
  Type.Unsafe<V[number]>({ type: "string", enum: [...values] });
/** Something that may be absent on purpose. */
export const nullable = <T extends Parameters<typeof Type.Array>[0]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/** Query of every list. */
export const paging = { limit: Type.Optional(Limit), cursor: Type.Optional(Cursor) };
