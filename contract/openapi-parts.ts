/** Any JSON of the document; what it must look like is the specification's business. */
export type Json = Record<string, unknown>;

export const ref = (section: string, name: string): Json => ({ $ref: `#/components/${section}/${name}` });

const problem: Json = {
  type: "object",
  description: "RFC 9457; refusals may add members of their own, such as `items`.",
  required: ["type", "title", "status", "detail", "code", "requestId"],
  properties: {
    type: { type: "string", format: "uri" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string", description: "For people." },
    code: { type: "string", description: "For programs." },
    requestId: { type: "string" },
    errors: {
      type: "array",
      description: "Where the request does not fit.",
      items: {
        type: "object",
        required: ["pointer", "message"],
        properties: {
          pointer: { type: "string", description: "JSON pointer (RFC 6901) into the request" },
          message: { type: "string" },
        },
      },
    },
  },
};

const header = (description: string, schema: Json = { type: "string" }): Json => ({ description, schema });

export const components = {
  schemas: { Problem: problem },
  securitySchemes: {
    bearer: {
      type: "http",
      scheme: "bearer",
      description: "An access token of `POST /auth/login`, or an API key with the scope of the operation.",
    },
    cartSecret: {
      type: "apiKey",
      in: "header",
      name: "X-Cart-Secret",
      description: "`secret` of `POST /carts`",
    },
    orderSecret: {
      type: "apiKey",
      in: "header",
      name: "X-Order-Secret",
      description: "`secret` of a guest's `POST /orders`",
    },
    refreshCookie: {
      type: "apiKey",
      in: "cookie",
      name: "refresh",
      description: "Set by `POST /auth/login`",
    },
  },
  headers: {
    ETag: header("The version or the hash of what was answered"),
    RateLimit: header("What is left of the limits that count here"),
    "RateLimit-Policy": header("The limits that count here"),
    "Retry-After": header("Seconds to wait before the next try", { type: "integer" }),
    "Idempotent-Replayed": header("`true` when this is the stored answer of an earlier request", {
      type: "boolean",
    }),
  },
  parameters: {
    idempotencyKeyRequired: idempotencyKey(true),
    idempotencyKeyOptional: idempotencyKey(false),
    ifMatchRequired: ifMatch(true),
    ifMatchOptional: ifMatch(false),
  },
};

/**
 * Puts references in the place of the schemas that have a name.
 * @param named schemas by name; a schema is known by its text, so a copy of it counts too
 */
export function shortener(named: Readonly<Record<string, object>>): {
  shorten(schema: unknown): unknown;
  schemas: Json;
} {
  const names = new Map(Object.entries(named).map(([name, schema]) => [JSON.stringify(schema), name]));
  const shortenParts = (schema: object): Json =>
    Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, shorten(value)]));
  const shorten = (schema: unknown): unknown => {
    if (typeof schema !== "object" || schema === null) return schema;
    if (Array.isArray(schema)) return schema.map(shorten);
    const name = names.get(JSON.stringify(schema));
    return name === undefined ? shortenParts(schema) : ref("schemas", name);
  };
  const whole = [...names].map(([text, name]) => [name, shortenParts(JSON.parse(text) as object)]);
  return { shorten, schemas: Object.fromEntries(whole) as Json };
}

function idempotencyKey(required: boolean): Json {
  return {
    name: "Idempotency-Key",
    in: "header",
    required,
    description: "The same key and body get the same answer for 24 hours, and take effect once.",
    schema: { type: "string", minLength: 1, maxLength: 255 },
  };
}

function ifMatch(required: boolean): Json {
  return {
    name: "If-Match",
    in: "header",
    required,
    description: 'The version that the change is made on, such as `"3"`; 412 when it is not the current one.',
    schema: { type: "string", pattern: '^"[0-9]+"$' },
  };
}
