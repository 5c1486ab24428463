import type { TSchema } from "typebox";
import { invalid } from "../../contract/errors.ts";

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

/** What is asked for: a field whole, or some of its own. */
type Wanted = Map<string, Wanted | true>;
/** Leaves the fields out of an answer that were not asked for. */
export type Select = (value: unknown) => unknown;

const most = 100;

/** Makes the reader of `?fields=` of one route; what the answer's schema does not have is refused. */
export function fieldsReader(returns: TSchema): (text: string) => Select {
  const schema: Schema = returns;
  const row = schema.properties?.data?.items;
  return (text) => {
    const wanted = wantedOf(text, row ?? schema);
    if (row === undefined) return (value) => pick(value, wanted);
    return (value) => {
      const page = value as { data: readonly unknown[] };
      return { ...page, data: page.data.map((one) => pick(one, wanted)) };
    };
  };
}

const refused = (field: string): Error =>
  invalid([
    { pointer: "/fields", message: `${field.slice(0, 60) || "an empty name"} is not a field of the answer` },
  ]);

function wantedOf(text: string, schema: Schema): Wanted {
  const fields = text.split(",");
  if (fields.length > most)
    throw invalid([{ pointer: "/fields", message: `names more than ${most} fields` }]);
  const wanted: Wanted = new Map();
  for (const field of fields) {
    const path = field.split(".");
    if (!knows(schema, path)) throw refused(field);
    note(wanted, path);
  }
  return wanted;
}

/** Lists and what may be null are looked through: `lines.sku`. */
function knows(schema: Schema | undefined, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined) return schema !== undefined;
  if (schema?.anyOf) return schema.anyOf.some((part) => knows(part, [name, ...rest]));
  if (schema?.items) return knows(schema.items, [name, ...rest]);
  if (schema?.properties)
    return Object.hasOwn(schema.properties, name) && knows(schema.properties[name], rest);
  return schema?.patternProperties !== undefined && rest.length === 0;
}

function note(wanted: Wanted, [name = "", ...rest]: readonly string[]): void {
  const known = wanted.get(name);
  if (rest.length === 0 || known === true) {
    wanted.set(name, true);
    return;
  }
  const inner: Wanted = known ?? new Map();
  wanted.set(name, inner);
  note(inner, rest);
}

function pick(value: unknown, wanted: Wanted): unknown {
  if (Array.isArray(value)) return value.map((one) => pick(one, wanted));
  if (typeof value !== "object" || value === null) return value;
  const fields = [...wanted].filter(([name]) => Object.hasOwn(value, name));
  return Object.fromEntries(
    fields.map(([name, inner]) => {
      const part = (value as Record<string, unknown>)[name];
      return [name, inner === true ? part : pick(part, inner)];
    }),
  );
}
