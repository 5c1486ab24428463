import type { Json } from "./openapi-parts.ts";

/** What JSON numbers carry exactly. */
const safe = Number.MAX_SAFE_INTEGER;
const int32 = 2 ** 31 - 1;
/** The store keeps no text that is longer than a body may be, and no list that is longer than a body may hold. */
const longestText = 1_048_576;
const longestList = 60_000;

function integer(schema: Json): Json {
  const { minimum = -safe, maximum = safe } = schema as { minimum?: number; maximum?: number };
  const fits32 = minimum >= -int32 && maximum <= int32;
  return { ...schema, minimum, maximum, format: fits32 ? "int32" : "int64" };
}

const isSet = (schema: Json): boolean => "enum" in schema || "const" in schema;

/** The limits of one schema that go without saying in a contract: those of numbers in JSON, of texts and lists in answers. */
function limited(schema: Json): Json {
  if (isSet(schema)) return schema;
  if (schema.type === "integer") return integer(schema);
  if (schema.type === "string" && !("maxLength" in schema)) return { ...schema, maxLength: longestText };
  if (schema.type === "array" && !("maxItems" in schema)) return { ...schema, maxItems: longestList };
  return schema;
}

/** Writes the limits of every schema out, nested ones too; what is no schema passes through. */
export function withLimits(part: unknown): unknown {
  if (typeof part !== "object" || part === null) return part;
  if (Array.isArray(part)) return part.map(withLimits);
  const inner = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, withLimits(value)]));
  return typeof inner.type === "string" ? limited(inner) : inner;
}
