import { readFileSync } from "node:fs";
import { STATUS_CODES } from "node:http";
import type { Contract, PublishedAction } from "./define.ts";
import { components, ref, shared, type Json } from "./openapi-parts.ts";

interface Operation {
  readonly actor: string;
  readonly name: string;
  readonly method: string;
  /** `/orders/{id}` */
  readonly path: string;
  readonly action: PublishedAction;
}

/** The OpenAPI 3.1 document of all published actions; schemas go in as the contracts have them. */
export function openApiDocument(contracts: Readonly<Record<string, Contract>>, server = "/api/v1"): Json {
  const paths: Record<string, Json> = {};
  for (const operation of operationsOf(contracts)) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describe(operation) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Valence",
      version: ownVersion(),
      description:
        "The store's API. Money is in integer minor units, times are UTC ISO 8601, errors are RFC 9457.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: server }],
    tags: tagsOf(contracts),
    paths,
    components,
  };
}

function ownVersion(): string {
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

function operationsOf(contracts: Readonly<Record<string, Contract>>): Operation[] {
  return Object.values(contracts).flatMap((contract) =>
    Object.entries(contract.actions).flatMap(([name, action]) => {
      if (action.rest === undefined) return [];
      const [method = "", route = ""] = action.rest.split(" ");
      const path = route.replaceAll(/:(\w+)/g, "{$1}");
      return [{ actor: contract.name, name, method: method.toLowerCase(), path, action }];
    }),
  );
}

const tagsOf = (contracts: Readonly<Record<string, Contract>>): Json[] =>
  [...new Set(operationsOf(contracts).map(({ actor }) => actor))].map((name) => ({ name }));

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

function describe(operation: Operation): Json {
  const { actor, name, action } = operation;
  const body = requestBody(operation);
  return {
    operationId: `${actor}${capital(name)}`,
    summary: action.summary,
    tags: [actor],
    security: securityOf(operation),
    ...(typeof action.auth === "object" && { "x-permission": action.auth.permission }),
    parameters: parametersOf(operation),
    ...(body && { requestBody: body }),
    responses: responsesOf(operation),
  };
}

function securityOf({ action, path, actor }: Operation): Json[] {
  if (path === "/auth/refresh" || path === "/auth/logout") return [{ refreshCookie: [] }];
  if (action.auth === "anyone") return [{}, { bearer: [] }];
  if (action.auth === "provider") return [{}];
  if (action.auth !== "holder") return [{ bearer: [] }];
  return [{ bearer: [] }, actor === "carts" ? { cartSecret: [] } : { orderSecret: [] }];
}

const isInPath = ({ path }: Operation, name: string): boolean => path.includes(`{${name}}`);
const takesBody = ({ method }: Operation): boolean => method !== "get" && method !== "delete";
const takesJson = (operation: Operation): boolean =>
  takesBody(operation) && (operation.action.body ?? "json") === "json";

function parametersOf(operation: Operation): Json[] {
  const { params, idempotencyKey, ifMatch } = operation.action;
  const list: Json[] = [];
  for (const [name, schema] of Object.entries(params.properties)) {
    if (isInPath(operation, name)) list.push({ name, in: "path", required: true, schema: shortened(schema) });
    else if (!takesJson(operation) && name !== "raw")
      list.push(queryParameter(operation, name, schema as Json));
  }
  if (idempotencyKey) list.push(ref("parameters", `idempotencyKey${capital(idempotencyKey)}`));
  if (ifMatch) list.push(ref("parameters", `ifMatch${capital(ifMatch)}`));
  return list;
}

/** An object in the query is written with dotted keys: `option.size=M`. */
function queryParameter({ action }: Operation, name: string, schema: Json): Json {
  const required = (action.params.required as string[] | undefined)?.includes(name) ?? false;
  const entries = schema.patternProperties ?? schema.additionalProperties;
  if (schema.type !== "object" || !entries) return { name, in: "query", required, schema: shortened(schema) };
  const entry = schema.patternProperties ? Object.values(schema.patternProperties)[0] : entries;
  return {
    name: `${name}.<name>`,
    in: "query",
    required,
    description: `One for each name, such as \`${name}.size=M\`.`,
    schema: shortened(entry),
  };
}

const BODY_TYPES = { csv: "text/csv", raw: "application/octet-stream" } as const;
const ANSWER_TYPES = {
  sse: "text/event-stream",
  csv: "text/csv",
  ndjson: "application/x-ndjson",
  html: "text/html",
} as const;

function requestBody(operation: Operation): Json | undefined {
  if (!takesBody(operation)) return undefined;
  const { body = "json", params } = operation.action;
  if (body !== "json")
    return { required: true, content: { [BODY_TYPES[body]]: { schema: { type: "string" } } } };
  const fields = Object.entries(params.properties).filter(([name]) => !isInPath(operation, name));
  if (fields.length === 0) return undefined;
  const names = fields.map(([name]) => name);
  const required = ((params.required as string[] | undefined) ?? []).filter((name) => names.includes(name));
  const schema = { ...params, required, properties: Object.fromEntries(fields) };
  return { required: required.length > 0, content: { "application/json": { schema: shortened(schema) } } };
}

function responsesOf(operation: Operation): Json {
  const { action } = operation;
  const isEmpty = (action.returns as { type?: string }).type === "null";
  const status = action.status ?? (isEmpty ? 204 : 200);
  const names = ["RateLimit", "RateLimit-Policy", ...(action.etag ? ["ETag"] : [])];
  if (action.idempotencyKey) names.push("Idempotent-Replayed");
  const success = {
    description: STATUS_CODES[status] ?? "Success",
    headers: Object.fromEntries(names.map((name) => [name, ref("headers", name)])),
    ...(status !== 204 && { content: answerContent(action) }),
  };
  return {
    [status]: success,
    ...(action.etag === "hash" && { 304: { description: "What `If-None-Match` names is current." } }),
    ...problemsOf(operation),
  };
}

function answerContent({ answer = "json", returns }: PublishedAction): Json {
  if (answer === "json") return { "application/json": { schema: shortened(returns) } };
  return { [ANSWER_TYPES[answer]]: { schema: { type: "string" } } };
}

/** The refusals of the action's own, and those that every request of its kind can get. */
function problemsOf(operation: Operation): Json {
  const { action } = operation;
  const codes: Record<string, number> = {
    VALIDATION_ERROR: 422,
    TOO_MANY_REQUESTS: 429,
    INTERNAL: 500,
    UNAVAILABLE: 503,
    ...(takesJson(operation) && { INVALID_JSON: 400, BODY_TOO_LARGE: 413, UNSUPPORTED_MEDIA_TYPE: 415 }),
    ...(action.auth !== "anyone" && action.auth !== "provider" && { UNAUTHENTICATED: 401 }),
    ...(typeof action.auth === "object" && { FORBIDDEN: 403 }),
    ...(action.idempotencyKey === "required" && { IDEMPOTENCY_KEY_REQUIRED: 400 }),
    ...(action.idempotencyKey && { IN_FLIGHT: 409, IDEMPOTENCY_KEY_REUSED: 422 }),
    ...(action.ifMatch && { VERSION_MISMATCH: 412 }),
    ...(action.ifMatch === "required" && { PRECONDITION_REQUIRED: 428 }),
    ...action.errors,
  };
  const byStatus = Map.groupBy(Object.entries(codes), ([, status]) => status);
  return Object.fromEntries([...byStatus].map(([status, found]) => [status, problemAnswer(status, found)]));
}

function problemAnswer(status: number, found: readonly [string, number][]): Json {
  const codes = found.map(([code]) => code);
  const properties = { code: { enum: codes } };
  return {
    description: codes.join(", "),
    ...((status === 429 || status === 503) && { headers: { "Retry-After": ref("headers", "Retry-After") } }),
    content: {
      "application/problem+json": { schema: { allOf: [ref("schemas", "Problem"), { properties }] } },
    },
  };
}

/** The schema with references in the place of those that stand once in the document. */
function shortened(schema: unknown): unknown {
  if (typeof schema !== "object" || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(shortened);
  const name = shared.get(JSON.stringify(schema));
  if (name !== undefined) return ref("schemas", name);
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, shortened(value)]));
}
