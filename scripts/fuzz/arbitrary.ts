import * as fc from "fast-check";

/** A JSON Schema, as far as the document uses it. */
export interface Schema {
  $ref?: string;
  type?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  allOf?: Schema[];
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  items?: Schema;
  required?: string[];
  properties?: Record<string, Schema>;
  patternProperties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
}

export type Resolve = (schema: Schema) => Schema;
/** Values that the store answered before, by the name of their field. */
export type Known = (name: string) => readonly string[];

const email = fc.stringMatching(/^[a-z]{1,8}\.[a-z]{1,8}@[a-z]{1,6}\.example$/);
const time = fc
  .date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true })
  .map((date) => date.toISOString());

/** Optional in the document, and in what most clients send: without them few orders would be placed. */
const usualParts = new Set(["currency", "lines", "token"]);

/** There in one of four: many optional things together would fit nothing that is known. */
export const sometimes = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

const patterns = new Map<string, fc.Arbitrary<string>>();

/** Kept, as it is slow to make. */
function matching(pattern: string): fc.Arbitrary<string> {
  const kept = patterns.get(pattern) ?? fc.stringMatching(new RegExp(pattern));
  patterns.set(pattern, kept);
  return kept;
}

function textOf({ format, pattern, minLength = 0, maxLength = 60 }: Schema): fc.Arbitrary<string> {
  if (format === "email") return email;
  if (format === "date-time") return time;
  const length = { minLength, maxLength: Math.max(minLength, Math.min(maxLength, 60)) };
  if (pattern === undefined) return fc.string({ ...length, unit: "grapheme" });
  if (pattern.includes("-7[0-9a-f]{3}-")) return fc.uuid({ version: 7 });
  return matching(pattern).map((text) => text.slice(0, maxLength).padEnd(minLength, "a"));
}

function numberOf({ type, minimum = -1000, maximum = 1000 }: Schema): fc.Arbitrary<number> {
  const range = { min: Math.ceil(minimum), max: Math.floor(maximum) };
  const small = fc.integer({ min: range.min, max: Math.min(range.max, range.min + 5) });
  if (type === "integer") return fc.oneof({ weight: 4, arbitrary: small }, fc.integer(range));
  return fc.double({ min: minimum, max: maximum, noNaN: true });
}

/** Values that fit a schema; `name` is the field's, to use what the store knows under it. */
export function good(schema: Schema, resolve: Resolve, known: Known, name = ""): fc.Arbitrary<unknown> {
  const full = resolve(schema);
  const inner = (part: Schema, of = name) => good(part, resolve, known, of);
  if (full.enum) {
    const usual = full.enum.filter((one) => known(name).includes(one as string));
    const any = fc.constantFrom(...full.enum);
    return usual.length === 0 ? any : fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...usual) }, any);
  }
  if (full.const !== undefined) return fc.constant(full.const);
  if (full.anyOf) return fc.oneof(...full.anyOf.map((part) => inner(part)));
  switch (full.type) {
    case "string": {
      // Chosen while a value is made: the store answers more and more.
      return fc.tuple(fc.nat(5), fc.nat(), textOf(full)).map(([often, at, fresh]) => {
        const seen = known(name);
        return often === 0 || seen.length === 0 ? fresh : (seen[at % seen.length] as string);
      });
    }
    case "integer":
    case "number":
      return numberOf(full);
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "array": {
      const { items = {}, minItems = 0, maxItems = 3, uniqueItems } = full;
      const length = { minLength: minItems, maxLength: Math.max(minItems, Math.min(maxItems, 3)) };
      return uniqueItems ? fc.uniqueArray(inner(items), length) : fc.array(inner(items), length);
    }
    case "object":
      return objectOf(full, inner);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function objectOf(
  schema: Schema,
  inner: (part: Schema, name?: string) => fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], patternProperties, additionalProperties } = schema;
  const fields = Object.fromEntries(
    Object.entries(properties).map(([name, part]) => {
      const value = inner(part, name);
      return [name, required.includes(name) || usualParts.has(name) ? value : sometimes(value)];
    }),
  );
  const [pattern, entry] = Object.entries(patternProperties ?? {})[0] ?? [];
  const values = entry ?? (typeof additionalProperties === "object" ? additionalProperties : undefined);
  if (values) {
    const key = pattern === undefined ? fc.string({ minLength: 1, maxLength: 8 }) : matching(pattern);
    return fc.dictionary(key, inner(values), { maxKeys: 3 });
  }
  return fc
    .record(fields)
    .map((made) => Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined)));
}

/** Values that mostly fit nothing. */
export const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(
    null,
    -1,
    0,
    0.5,
    1e308,
    2 ** 53,
    "",
    " ",
    "1e3",
    "NaN",
    "\u0000",
    "\ud800",
    "' or 1=1 --",
    "../../etc/passwd",
    "<script>alert(1)</script>",
    "__proto__",
    "x".repeat(5000),
    true,
  ),
  fc.constant({}),
  fc.constant([]),
  fc.constant([[[[]]]]),
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: "binary", maxLength: 40 }),
);

/** A good object with one thing wrong with it, or something else altogether. */
export function broken(fits: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const spoiled = fc
    .tuple(fits, fc.nat(), fc.constantFrom("drop", "odd", "add"), odd)
    .map(([value, at, how, wrong]) => spoil(value, at, how, wrong));
  return fc.oneof({ weight: 5, arbitrary: spoiled }, { weight: 1, arbitrary: odd });
}

function spoil(value: unknown, at: number, how: string, wrong: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return wrong;
  const entries = Object.entries(value);
  const name = entries[at % Math.max(1, entries.length)]?.[0] ?? "x";
  if (how === "add") return { ...value, [`x${at % 10}`]: wrong };
  if (how === "drop") return Object.fromEntries(entries.filter(([key]) => key !== name));
  const inside = (value as Record<string, unknown>)[name];
  const nested = typeof inside === "object" && inside !== null && at % 2 === 0;
  return { ...value, [name]: nested ? spoil(inside, at >> 1, how, wrong) : wrong };
}
