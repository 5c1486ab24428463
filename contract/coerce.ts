import type { TObject, TSchema } from "typebox";
import { invalid, type FieldError } from "./errors.ts";
import { escapePointer } from "./json-schema.ts";

interface Schema {
  type?: string;
  anyOf?: Schema[];
  const?: unknown;
  enum?: unknown[];
  items?: Schema;
  properties?: Record<string, Schema>;
  patternProperties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
}

const INTEGER = /^-?\d{1,16}$/;
const NUMBER = /^-?\d{1,16}(\.\d{1,16})?$/;

/** Text as the schema's type, or unchanged when it is not one: the strict check then says so. */
function coerceText(schema: Schema, text: string): unknown {
  if (schema.anyOf) return coerceToAny(schema.anyOf, text);
  const type = schema.type ?? typeof (schema.const ?? schema.enum?.[0]);
  if (type === "integer" && INTEGER.test(text)) return Number(text);
  if (type === "number" && NUMBER.test(text)) return Number(text);
  if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
  return text;
}

function coerceToAny(branches: readonly Schema[], text: string): unknown {
  const values = branches.map((branch) => coerceText(branch, text));
  return values.find((value) => typeof value !== "string") ?? text;
}

/** The schema of a nested value, for the dotted key `option.size`. */
function childSchema(schema: Schema | undefined, name: string): Schema | undefined {
  if (!schema || name === "__proto__") return undefined;
  if (schema.properties && Object.hasOwn(schema.properties, name)) return schema.properties[name];
  const byPattern = Object.entries(schema.patternProperties ?? {}).find(([pattern]) =>
    new RegExp(pattern, "u").test(name),
  );
  if (byPattern) return byPattern[1];
  return typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
}

interface Place {
  schema: Schema;
  path: readonly string[];
}

/** Where a query key belongs: a property of its whole name, else an entry `size` of the object `option`. */
function placeOf(schema: Schema, key: string): Place | undefined {
  const whole = childSchema(schema, key);
  if (whole) return { schema: whole, path: [key] };
  const dot = key.indexOf(".");
  if (dot <= 0) return undefined;
  const [outer, inner] = [key.slice(0, dot), key.slice(dot + 1)];
  const nested = childSchema(childSchema(schema, outer), inner);
  return nested && { schema: nested, path: [outer, inner] };
}

function put(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [outer, inner] = path as [string, string | undefined];
  if (inner === undefined) target[outer] = value;
  else target[outer] = { ...(target[outer] as object | undefined), [inner]: value };
}

/**
 * Turns the text of a query string or of path parameters into params: numbers and booleans where the schema has them,
 * lists from repeated keys, an object from dotted keys. Only converts; whether a value fits is the action's check.
 * @throws 422 `VALIDATION_ERROR` for an unknown key, and for a key given twice that is no list
 */
export function coerceQuery(params: TObject | TSchema, query: URLSearchParams): Record<string, unknown> {
  const schema = params as Schema;
  const result: Record<string, unknown> = {};
  const errors: FieldError[] = [];
  for (const key of new Set(query.keys())) {
    const values = query.getAll(key);
    const place = placeOf(schema, key);
    const pointer = `/${escapePointer(key)}`;
    if (!place) errors.push({ pointer, message: "is not a known field" });
    else if (place.schema.type === "array") {
      put(
        result,
        place.path,
        values.map((value) => coerceText(place.schema.items ?? {}, value)),
      );
    } else if (values.length > 1) errors.push({ pointer, message: "must be given once" });
    else put(result, place.path, coerceText(place.schema, values[0] as string));
  }
  if (errors.length > 0) throw invalid(errors.slice(0, 50));
  return result;
}
