import type { TObject } from "typebox";
import type { PublishedAction } from "./define.ts";
import { commonHeaders, ref, type Json } from "./openapi-parts.ts";
import { problemsOf } from "./openapi-problems.ts";
import { descriptionOf } from "./openapi-words.ts";
import { http } from "./node-http.ts";

/** One published action, and where it stands in the document. */
export interface Operation {
  readonly actor: string;
  readonly name: string;
  readonly method: string;
  /** `/orders/{id}` */
  readonly path: string;
  readonly action: PublishedAction;
  /** A GET tells where the resource is that this POST makes. */
  readonly isReadable: boolean;
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** All that the document says of one operation. */
export function describe(operation: Operation): Json {
  const { actor, name, action } = operation;
  const body = requestBody(operation);
  return {
    operationId: `${actor}${capital(name)}`,
    summary: action.summary,
    description: descriptionOf(action),
    tags: [actor],
    security: securityOf(operation),
    ...(typeof action.auth === "object" && { "x-permission": action.auth.permission }),
    parameters: parametersOf(operation),
    ...(body && { requestBody: body }),
    responses: responsesOf(operation),
  };
}

function securityOf({ action: { auth }, path, actor }: Operation): Json[] {
  if (path === "/auth/refresh" || path === "/auth/logout") return [{ refreshCookie: [] }];
  if (auth === "anyone") return [{}, { bearer: [] }];
  if (auth === "provider") return [{}];
  if (auth === "customer") return [{ bearer: [] }];
  if (auth === "holder")
    return [{ bearer: [] }, actor === "carts" ? { cartSecret: [] } : { orderSecret: [] }];
  return [{ staff: [auth.permission] }, { apiKey: [auth.permission] }];
}

const isInPath = ({ path }: Operation, name: string): boolean => path.includes(`{${name}}`);
const takesBody = ({ method }: Operation): boolean => method !== "get" && method !== "delete";
const takesJson = (operation: Operation): boolean =>
  takesBody(operation) && (operation.action.body ?? "json") === "json";

/** Params that the gateway makes itself, of a body or of its own. */
function isOwn({ action }: Operation, name: string): boolean {
  return (
    name === "raw" ||
    (action.body === "rows" && name === "rows") ||
    (action.answer === "rows" && name === "after")
  );
}

function parametersOf(operation: Operation): Json[] {
  const { params, idempotencyKey, ifMatch, fields, expand, answer } = operation.action;
  const list: Json[] = [];
  for (const [name, schema] of Object.entries(params.properties)) {
    if (isInPath(operation, name)) list.push({ name, in: "path", required: true, schema });
    else if (!takesJson(operation) && !isOwn(operation, name))
      list.push(queryParameter(operation, name, schema as Json));
  }
  if (fields) list.push(ref("parameters", "fields"));
  if (expand) list.push(expandParameter(Object.keys(expand)));
  if (idempotencyKey) list.push(ref("parameters", `idempotencyKey${capital(idempotencyKey)}`));
  if (ifMatch) list.push(ref("parameters", `ifMatch${capital(ifMatch)}`));
  if (isConditional(operation)) list.push(ref("parameters", "ifNoneMatch"));
  if (answer === "sse" && operation.actor === "webhooks") list.push(ref("parameters", "lastEventId"));
  return list;
}

const isConditional = ({ method, action }: Operation): boolean =>
  method === "get" && action.etag !== undefined;

const expandParameter = (names: readonly string[]): Json => ({
  name: "expand",
  in: "query",
  required: false,
  description: `Adds to the answer what its ids name, several parted by commas: ${names.join(", ")}.`,
  schema: { type: "string", maxLength: 200, pattern: `^(${names.join("|")})(,(${names.join("|")}))*$` },
});

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

const csvExample = "sku,name,price,currency,stock\nPAN-28,Sauté pan,24.99,GBP,12\n";
const bodyContents: Readonly<Record<"csv" | "image" | "raw", Json>> = {
  image: { "image/*": {} },
  csv: { "text/csv": { example: csvExample } },
  raw: { "application/octet-stream": {} },
};

function requestBody(operation: Operation): Json | undefined {
  if (!takesBody(operation)) return undefined;
  const { body = "json", params } = operation.action;
  if (body === "rows") return rowsBody(operation.action);
  if (body !== "json") return { required: true, content: bodyContents[body] };
  const fields = Object.entries(params.properties).filter(([name]) => !isInPath(operation, name));
  if (fields.length === 0) return undefined;
  const names = fields.map(([name]) => name);
  const required = ((params.required as string[] | undefined) ?? []).filter((name) => names.includes(name));
  const schema = { ...params, required, properties: Object.fromEntries(fields) };
  return { required: required.length > 0, content: { "application/json": { schema } } };
}

/** A row that does not fit is answered as such, so the document says what each one should be. */
function rowsBody({ params, row = params }: PublishedAction): Json {
  const { minItems, maxItems } = params.properties.rows as { minItems?: number; maxItems?: number };
  return {
    required: true,
    description: "A JSON array, or one JSON object a line.",
    content: {
      "application/json": { schema: { type: "array", minItems, maxItems, items: row } },
      "application/x-ndjson": {},
    },
  };
}

function responsesOf(operation: Operation): Json {
  const { action } = operation;
  const isEmpty = (action.returns as { type?: string }).type === "null";
  const status = action.status ?? (isEmpty ? 204 : 200);
  const names: string[] = [...commonHeaders, ...(action.etag ? ["ETag"] : [])];
  if (action.idempotencyKey) names.push("Idempotent-Replayed");
  if (operation.isReadable && status === 201) names.push("Location");
  const headersOf = (list: readonly string[]) =>
    Object.fromEntries(list.map((name) => [name, ref("headers", name)]));
  const success = {
    description: http.STATUS_CODES[status] ?? "Success",
    headers: headersOf(names),
    ...(status !== 204 && { content: answerContent(action) }),
  };
  const unchanged = {
    description: "What `If-None-Match` names is current.",
    headers: headersOf([...commonHeaders, "ETag"]),
  };
  const { otherwise } = action;
  return {
    [status]: success,
    ...(otherwise && { [otherwise.status]: { ...success, description: otherwise.when } }),
    ...(isConditional(operation) && { 304: unchanged }),
    ...problemsOf(action),
  };
}

/** Streams have no end that a schema could name. */
function answerContent({ answer = "json", returns }: PublishedAction): Json {
  switch (answer) {
    case "json":
      return { "application/json": { schema: returns } };
    case "sse":
      return { "text/event-stream": { example: 'id: 17\nevent: orders.confirmed\ndata: {"id":"..."}\n\n' } };
    case "csv":
      return { "text/csv": { example: csvExample } };
    case "html":
      return { "text/html": {} };
    case "rows":
      return { "text/csv": {}, "application/x-ndjson": { "x-row": rowOf(returns as TObject) } };
  }
}

const rowOf = (page: TObject): unknown => (page.properties.data as { items?: unknown }).items;
