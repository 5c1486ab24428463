import { Address, Money, Price } from "./shapes.ts";

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

/** Schemas that stand once in the document, by the text of the schema. */
export const shared = new Map(
  Object.entries({ Money, Price, Address }).map(([name, schema]) => [JSON.stringify(schema), name]),
);

const header = (description: string, schema: Json = { type: "string" }): Json => ({ description, schema });

export const components: Json = {
  schemas: { Problem: problem, Money, Price, Address },
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
