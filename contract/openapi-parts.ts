import { scopeWords } from "./openapi-words.ts";

/** Any JSON of the document; what it must look like is the specification's business. */
export type Json = Record<string, unknown>;

const jwtWords = "Made and checked by RFC8725: ES256 alone, `iss`, `aud` and `typ` fixed.";

/** Headers of every answer of a route. */
export const commonHeaders = ["RateLimit", "RateLimit-Policy", "X-Request-ID"] as const;

export const ref = (section: string, name: string): Json => ({ $ref: `#/components/${section}/${name}` });

const problem: Json = {
  type: "object",
  description: "RFC 9457; refusals may add members of their own, such as `items`.",
  required: ["type", "title", "status", "detail", "code", "requestId"],
  properties: {
    type: { type: "string", format: "uri", maxLength: 200 },
    title: { type: "string", maxLength: 60 },
    status: { type: "integer", minimum: 400, maximum: 599 },
    detail: { type: "string", maxLength: 2000, description: "For people." },
    code: ref("schemas", "ProblemCode"),
    requestId: { type: "string", maxLength: 64, description: "To be quoted when asking for help." },
    errors: {
      type: "array",
      maxItems: 50,
      description: "Where the request does not fit.",
      items: {
        type: "object",
        required: ["pointer", "message"],
        properties: {
          pointer: {
            type: "string",
            maxLength: 2000,
            description: "JSON pointer (RFC 6901) into the request",
          },
          message: { type: "string", maxLength: 5000 },
        },
      },
    },
  },
};

const header = (
  description: string,
  example: unknown,
  schema: Json = { type: "string", maxLength: 500 },
): Json => ({
  description,
  schema,
  example,
});

export const components = {
  schemas: { Problem: problem },
  securitySchemes: {
    bearer: {
      type: "http",
      scheme: "bearer",
      bearerFormat: "JWT",
      description: `The access token of an account, from \`POST /auth/login\`; 15 minutes. ${jwtWords}`,
    },
    staff: {
      type: "http",
      scheme: "bearer",
      bearerFormat: "JWT",
      description: `The access token of an account whose role has the named permission. ${jwtWords}`,
    },
    apiKey: {
      type: "http",
      scheme: "bearer",
      bearerFormat: "vk_live_...",
      description: `An API key with the named scope, from \`POST /api-keys\`. ${scopeWords}`,
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
    ETag: header("The version or the hash of what was answered", '"3"'),
    Location: header("Where the new resource is", "/api/v1/orders/01920f5e-7c1a-7b3e-9f00-3d5a8c2b1e44"),
    RateLimit: header("What is left of the limits that count here", '"key";r=199;t=10'),
    "RateLimit-Policy": header("The limits that count here", '"key";q=200;w=10'),
    "Retry-After": header("Seconds to wait before the next try", 1, {
      type: "integer",
      minimum: 1,
      maximum: 86_400,
    }),
    "WWW-Authenticate": header("How to say who one is (RFC 6750)", 'Bearer realm="valence"'),
    "X-Request-ID": header("Names this request in logs and traces", "01920f5e-7c1a-7b3e-9f00-3d5a8c2b1e44"),
    "Idempotent-Replayed": header("`true` when this is the stored answer of an earlier request", true, {
      type: "boolean",
    }),
  },
  parameters: {
    idempotencyKeyRequired: idempotencyKey(true),
    idempotencyKeyOptional: idempotencyKey(false),
    ifMatchRequired: ifMatch(true),
    ifMatchOptional: ifMatch(false),
    ifNoneMatch: {
      name: "If-None-Match",
      in: "header",
      required: false,
      description: "The `ETag` of the answer that one has; 304 without a body when it is current.",
      schema: { type: "string", maxLength: 2000 },
    },
    lastEventId: {
      name: "Last-Event-ID",
      in: "header",
      required: false,
      description: "The `sequence` of the last event that was read; goes before `after`.",
      schema: { type: "string", maxLength: 15, pattern: "^[0-9]+$" },
    },
    fields: {
      name: "fields",
      in: "query",
      required: false,
      description:
        "Fields of the answer (of each row of a list), parted by commas, such as `id,total.amount`.",
      schema: { type: "string", maxLength: 1000, pattern: "^\\w+(\\.\\w+)*(,\\w+(\\.\\w+)*)*$" },
    },
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
  // A reference in an extension does not count as a use of what it names, so `x-row` has its schema itself.
  const shortenParts = (schema: object): Json =>
    Object.fromEntries(
      Object.entries(schema).map(([key, value]) => [
        key,
        key === "x-row" ? shortenParts(value as object) : shorten(value),
      ]),
    );
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
    schema: { type: "string", minLength: 1, maxLength: 255, pattern: "^[\\x21-\\x7e]+$" },
    example: "order-2026-03-14-000000001",
  };
}

function ifMatch(required: boolean): Json {
  return {
    name: "If-Match",
    in: "header",
    required,
    description: 'The version that the change is made on, such as `"3"`; 412 when it is not the current one.',
    schema: { type: "string", maxLength: 17, pattern: '^"[0-9]+"$' },
    example: '"3"',
  };
}
