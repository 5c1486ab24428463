import type { IncomingMessage } from "node:http";
import type { TObject } from "typebox";
import { coerceQuery } from "../../contract/coerce.ts";
import { expectImage, expectType, readJson, readRows, readText } from "./gateway.body.ts";
import { expandReader, type Expand } from "./gateway.expand.ts";
import { fieldsReader, type Select } from "./gateway.fields.ts";
import { fieldOfPath, malformedUrl, notFoundPath, queryTooLong } from "./gateway.errors.ts";
import type { Published } from "./gateway.routes.ts";
import type { Meta } from "../../contract/meta.ts";

export type Params = Record<string, unknown>;
const maxParameters = 100;

/** What a call needs of a request: its params, and the stream of an upload. */
export interface Input {
  readonly params: Params;
  readonly stream?: IncomingMessage;
  /** Of `?fields=`. */
  readonly select?: Select | undefined;
  /** Of `?expand=`. */
  readonly expand?: Expand | undefined;
}

/** Reads one request; answers at once when there is no body to wait for. */
export type ReadInput = (
  req: IncomingMessage,
  query: string,
  values: readonly string[],
  meta: Meta,
) => Input | Promise<Input>;

/** What the body of a route is. */
export const bodyOf = ({ method, action }: Published): "none" | "json" | "csv" | "image" | "raw" | "rows" =>
  method === "GET" || method === "DELETE" ? "none" : (action.body ?? "json");

/** Makes the reader of a route's requests. Path and query are coerced by the contract; a JSON body is taken as it is. */
export function inputReader(route: Published, routes: readonly Published[]): ReadInput {
  const { keys, action } = route;
  const body = bodyOf(route);
  const own = [...keys, ...(body === "rows" ? ["rows"] : []), ...(action.answer === "rows" ? ["after"] : [])];
  const fields = Object.entries(action.params.properties).filter(([name]) => !own.includes(name));
  // Where a JSON body carries the fields, the query has none of them.
  const inQuery = {
    ...action.params,
    properties: body === "json" ? {} : Object.fromEntries(fields),
  } as TObject;
  const shaping = action.fields || action.expand ? shaper(route, routes) : undefined;
  return (req, query, values, meta) => {
    const search = query === "" ? undefined : searchOf(query);
    const shape = search && shaping?.(search);
    const params = search === undefined ? {} : coerceQuery(inQuery, search);
    for (let index = 0; index < keys.length; index++)
      params[keys[index] as string] = decoded(values[index] as string);
    if (body === "none") return shape ? { params, ...shape } : { params };
    if (body === "rows") return rowsInput(req, params);
    if (body === "csv") return csvInput(req, params);
    if (body === "image") return imageInput(req, params);
    return body === "raw" ? rawInput(req, params, meta) : jsonInput(req, params, keys);
  };
}

/** Takes `fields` and `expand` out of a query: they are about the answer, and no params of the action. */
function shaper(route: Published, routes: readonly Published[]) {
  const { fields, expand, returns } = route.action;
  const readFields = fields && fieldsReader(returns);
  const readExpand = expand && expandReader(route, routes);
  return (search: URLSearchParams): Pick<Input, "select" | "expand"> => {
    const take = <T>(name: string, read: ((text: string) => T) | undefined): T | undefined => {
      const [text, ...others] = search.getAll(name);
      if (text === undefined || read === undefined || others.length > 0) return undefined;
      search.delete(name);
      return read(text);
    };
    return { select: take("fields", readFields), expand: take("expand", readExpand) };
  };
}

async function rowsInput(req: IncomingMessage, params: Params): Promise<Input> {
  return { params: { ...params, rows: await readRows(req) } };
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
