import type { Json } from "./openapi-parts.ts";

type Schema = Json & {
  type?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  minItems?: number;
  maxItems?: number;
  maxLength?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  patternProperties?: Record<string, Schema>;
};

const id = "01920f5e-7c1a-7b3e-9f00-3d5a8c2b1e44";
const time = "2026-03-14T09:26:53.589Z";

/** What a field of that name looks like in a real store; used where it fits the field's schema. */
const byName: Readonly<Record<string, unknown>> = {
  sku: "PAN-28",
  q: "pan",
  slug: "saute-pan",
  idOrSlug: "saute-pan",
  category: "kitchen",
  categories: ["kitchen"],
  currency: "GBP",
  amount: 2499,
  email: "ada@example.com",
  to: "ada@example.com",
  author: "Ada L.",
  name: "Sauté pan",
  description: "Steel, 28 cm, for every hob.",
  line1: "12 St James's Square",
  city: "London",
  postalCode: "SW1Y 4JH",
  country: "GB",
  token: "tok_visa",
  password: "correct horse battery staple",
  current: "correct horse battery",
  number: "V-1001",
  code: "SPRING-10",
  couponCode: "SPRING-10",
  reason: "Counted again",
  title: "Heats evenly",
  text: "Nothing sticks.",
  quantity: 1,
  rating: 5,
  limit: 20,
  version: 3,
  cursor: "WyIyMDI2LTAzLTE0Il0",
  next: null,
  url: "https://erp.example.com/hook",
  key: "vk_live_c2VjcmV0",
  secret: "whsec_c2VjcmV0",
  types: ["orders.*"],
  scopes: ["orders:read"],
  carrier: "Royal Mail",
  trackingNumber: "RM123456785GB",
  day: "2026-03-14",
  provider: "test",
  ip: "192.0.2.7",
};

const texts: readonly string[] = [
  "example",
  "kitchen",
  "A1",
  "GBP",
  "GB",
  id,
  "1",
  "size",
  "/pictures/pan.svg",
];

function text(schema: Schema, name: string): string {
  if (schema.format === "date-time") return time;
  if (schema.format === "email") return "ada@example.com";
  if (schema.format === "uri") return "urn:valence:problem:example";
  const fits = (value: unknown): value is string =>
    typeof value === "string" &&
    value.length >= (schema.minLength ?? 0) &&
    value.length <= (schema.maxLength ?? Number.POSITIVE_INFINITY) &&
    (schema.pattern === undefined || new RegExp(schema.pattern, "u").test(value));
  const wanted = [byName[name], ...texts];
  return wanted.find(fits) ?? "x".repeat(Math.max(1, schema.minLength ?? 0));
}

function number({ minimum = 0, maximum = 100 }: Schema, name: string): number {
  const wanted = byName[name];
  if (typeof wanted === "number" && wanted >= minimum && wanted <= maximum) return wanted;
  return Math.min(maximum, Math.max(minimum, 1));
}

/** Fields that are given for others (an order by its cart or by its lines) are left out of an example. */
const alternatives = new Set(["cartId", "cartVersion"]);

function object({ properties = {}, patternProperties }: Schema, resolve: Resolve): Json {
  const fields = Object.entries(properties).filter(([field]) => !alternatives.has(field));
  const [entry] = Object.values(patternProperties ?? {});
  const extra = entry ? { size: exampleOf(entry, resolve, "size") } : {};
  return {
    ...Object.fromEntries(fields.map(([field, part]) => [field, exampleOf(part, resolve, field)])),
    ...extra,
  };
}

type Resolve = (schema: Json) => Json;

/** A value that fits a schema, the same at each call; `name` is the field's. */
export function exampleOf(given: Json, resolve: Resolve, name = ""): unknown {
  const schema = resolve(given) as Schema;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf) {
    if (byName[name] === null && schema.anyOf.some(({ type }) => type === "null")) return null;
    return exampleOf(schema.anyOf[0] as Schema, resolve, name);
  }
  if (schema.type === "string") return text(schema, name);
  if (schema.type === "integer" || schema.type === "number") return number(schema, name);
  if (schema.type === "boolean") return true;
  if (schema.type === "null") return null;
  if (schema.type === "object") return object(schema, resolve);
  if (schema.type === "array") return list(schema, resolve, name);
  return {};
}

function list(schema: Schema, resolve: Resolve, name: string): unknown[] {
  const wanted = byName[name];
  const items = resolve(schema.items ?? {});
  if (Array.isArray(wanted) && items.type === "string") return wanted as unknown[];
  return [exampleOf(items, resolve, singular(name))];
}

const singular = (name: string): string => name.replace(/s$/, "");
