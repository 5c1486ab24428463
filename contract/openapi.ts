import { readFileSync } from "node:fs";
import { STATUS_CODES } from "node:http";
import type { Contract, PublishedAction } from "./define.ts";
import { problemsOf, sharedProblems } from "./openapi-problems.ts";
import { components, ref, shortener, type Json } from "./openapi-parts.ts";

interface Operation {
  readonly actor: string;
  readonly name: string;
  readonly method: string;
  /** `/orders/{id}` */
  readonly path: string;
  readonly action: PublishedAction;
}

/**
 * The OpenAPI 3.1 document of all published actions; schemas go in as the contracts have them.
 * @param named schemas that stand once in the document, under their names
 */
export function openApiDocument(
  contracts: Readonly<Record<string, Contract>>,
  named: Readonly<Record<string, object>> = {},
): Json {
  const { shorten, schemas } = shortener(named);
  const paths: Record<string, Json> = {};
  for (const operation of operationsOf(contracts)) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: shorten(describe(operation)) };
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
    servers: [{ url: "/api/v1" }],
    tags: tagsOf(contracts),
    paths,
    components: { ...components, responses: sharedProblems, schemas: { ...components.schemas, ...schemas } },
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
    if (isInPath(operation, name)) list.push({ name, in: "path", required: true, schema });
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
  if (schema.type !== "object" || !entries) return { name, in: "query", required, schema };
  const entry = schema.patternProperties ? Object.values(schema.patternProperties)[0] : entries;
  return {
    name: `${name}.<name>`,
    in: "query",
    required,
    description: `One for each name, such as \`${name}.size=M\`.`,
    schema: entry,
  };
}

const BODY_TYPES = { csv: "text/csv", image: "image/*", raw: "application/octet-stream" } as const;
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
  return { required: required.length > 0, content: { "application/json": { schema } } };
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
    ...problemsOf(operation.action, takesJson(operation)),
  };
}

function answerContent({ answer = "json", returns }: PublishedAction): Json {
  if (answer === "json") return { "application/json": { schema: returns } };
  return { [ANSWER_TYPES[answer]]: { schema: { type: "string" } } };
}
