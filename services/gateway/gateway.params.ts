import type { IncomingMessage } from "node:http";
import type { TObject } from "typebox";
import { coerceQuery } from "../../contract/coerce.ts";
import { expectImage, expectType, readJson, readText } from "./gateway.body.ts";
import { fieldOfPath, malformedUrl, notFoundPath, queryTooLong } from "./gateway.errors.ts";
import type { Published } from "./gateway.routes.ts";
import type { Meta } from "../../contract/meta.ts";

export type Params = Record<string, unknown>;
const maxParameters = 100;

/** What a call needs of a request: its params, and the stream of an upload. */
export interface Input {
  readonly params: Params;
  readonly stream?: IncomingMessage;
}

/** Reads one request; answers at once when there is no body to wait for. */
export type ReadInput = (
  req: IncomingMessage,
  query: string,
  values: readonly string[],
  meta: Meta,
) => Input | Promise<Input>;

/** What the body of a route is. */
export const bodyOf = ({ method, action }: Published): "none" | "json" | "csv" | "image" | "raw" =>
  method === "GET" || method === "DELETE" ? "none" : (action.body ?? "json");

/** Makes the reader of a route's requests. Path and query are coerced by the contract; a JSON body is taken as it is. */
export function inputReader(route: Published): ReadInput {
  const { keys, action } = route;
  const body = bodyOf(route);
  const fields = Object.entries(action.params.properties).filter(([name]) => !keys.includes(name));
  // Where a JSON body carries the fields, the query has none of them.
  const inQuery = {
    ...action.params,
    properties: body === "json" ? {} : Object.fromEntries(fields),
  } as TObject;
  return (req, query, values, meta) => {
    const params = query === "" ? {} : coerceQuery(inQuery, searchOf(query));
    for (let index = 0; index < keys.length; index++)
      params[keys[index] as string] = decoded(values[index] as string);
    if (body === "none") return { params };
    if (body === "csv") return csvInput(req, params);
    if (body === "image") return imageInput(req, params);
    return body === "raw" ? rawInput(req, params, meta) : jsonInput(req, params, keys);
  };
}

async function jsonInput(req: IncomingMessage, path: Params, keys: readonly string[]): Promise<Input> {
  const params = await readJson(req);
  for (const key of keys) {
    if (Object.hasOwn(params, key)) throw fieldOfPath(key);
    params[key] = path[key];
  }
  return { params };
}

async function rawInput(req: IncomingMessage, params: Params, meta: Meta): Promise<Input> {
  const raw = await readText(req);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(req.headers))
    if (typeof value === "string" && name !== "cookie" && name !== "authorization") headers[name] = value;
  meta.webhook = { headers, raw };
  return { params };
}

function csvInput(req: IncomingMessage, params: Params): Input {
  expectType(req, "text/csv");
  return { params, stream: req };
}

/** What it really is, its first bytes say: the action looks at them. */
function imageInput(req: IncomingMessage, params: Params): Input {
  expectImage(req);
  return { params, stream: req };
}

function searchOf(query: string): URLSearchParams {
  const search = new URLSearchParams(query);
  if (search.size > maxParameters) throw queryTooLong(maxParameters);
  return search;
}

function decoded(value: string): string {
  if (!value.includes("%")) return value;
  let text: string;
  try {
    text = decodeURIComponent(value);
  } catch {
    throw malformedUrl();
  }
  if (text.includes("\0")) throw notFoundPath();
  return text;
}
