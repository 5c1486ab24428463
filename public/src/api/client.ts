import { problem, readProblem } from "./problem.ts";
import type { Answer, Params, Route } from "./routes.ts";
import { bearer, refresh } from "./token.ts";

export interface CallOptions {
  /** One key per attempt: a repeat with the same key has no further effect. */
  key?: string;
  /** The version that the change is based on. */
  version?: number;
  secrets?: { cart?: string; order?: string };
  signal?: AbortSignal;
}

const root = "/api/v1";

/** Calls a route of the API: path parameters are filled in, the others travel as query or as JSON body. */
export async function api<R extends Route>(
  route: R,
  params: Params<R>,
  options: CallOptions = {},
): Promise<Answer<R>> {
  const { method, url, body } = requestOf(route, params as Record<string, unknown>);
  // Rendering on the server uses what was asked before, and nothing else.
  if (import.meta.env.SSR) throw problem({ status: 0, code: "OFFLINE", detail: "Nothing is asked here." });
  const response = await send(method, url, headersOf(options, body === undefined ? undefined : json), {
    body,
    signal: options.signal,
  });
  if (response.status === 204) return null;
  return (await response.json()) as Answer<R>;
}

const json = "application/json";

/** Sends a file as it is, for routes whose body is CSV or a picture. */
export async function upload<R extends Route>(
  route: R,
  params: Partial<Params<R>>,
  file: Blob,
  type = "text/csv",
): Promise<Answer<R>> {
  const { url } = requestOf(`GET ${route.split(" ")[1]}`, params);
  const response = await send("POST", url, { "content-type": type }, { body: file });
  return (await response.json()) as Answer<R>;
}

/** The raw answer, for downloads and event streams. */
export function open<R extends Route>(
  route: R,
  params: Params<R>,
  options: CallOptions = {},
): Promise<Response> {
  const { method, url } = requestOf(route, params as Record<string, unknown>);
  return send(method, url, headersOf(options), { signal: options.signal });
}

function headersOf({ key, version, secrets }: CallOptions, contentType?: string): Record<string, string> {
  return {
    ...(contentType && { "content-type": contentType }),
    ...(key && { "idempotency-key": key }),
    ...(version !== undefined && { "if-match": `"${version}"` }),
    ...(secrets?.cart && { "x-cart-secret": secrets.cart }),
    ...(secrets?.order && { "x-order-secret": secrets.order }),
  };
}

async function send(
  method: string,
  url: string,
  headers: Record<string, string>,
  init: { body?: BodyInit; signal?: AbortSignal },
): Promise<Response> {
  const token = bearer();
  const response = await attempt(method, url, headers, token, init);
  if (response.ok) return response;
  if (response.status === 401 && token !== undefined && !url.startsWith(`${root}/auth/`)) {
    const { accessToken } = await refresh();
    const again = await attempt(method, url, headers, accessToken, init);
    if (again.ok) return again;
    throw await readProblem(again);
  }
  throw await readProblem(response);
}

async function attempt(
  method: string,
  url: string,
  headers: Record<string, string>,
  token: string | undefined,
  init: { body?: BodyInit; signal?: AbortSignal },
): Promise<Response> {
  const all = token === undefined ? headers : { ...headers, authorization: `Bearer ${token}` };
  try {
    return await fetch(url, { method, headers: all, ...init });
  } catch (error) {
    if ((error as Error).name === "AbortError") throw error;
    throw problem({ status: 0, code: "OFFLINE", detail: "No answer came from the store." });
  }
}

/** Method, address and body of a call. */
export function requestOf(
  route: string,
  params: Record<string, unknown>,
): { method: string; url: string; body?: string } {
  const [method = "GET", path = "/"] = route.split(" ");
  const rest = { ...params };
  const filled = path.replace(/:(\w+)/g, (_, name: string) => {
    const value = String(rest[name]);
    Reflect.deleteProperty(rest, name);
    return encodeURIComponent(value);
  });
  const url = root + filled;
  if (method !== "GET" && method !== "DELETE") return { method, url, body: JSON.stringify(rest) };
  const query = queryOf(rest);
  return { method, url: query === "" ? url : `${url}?${query}` };
}

/** `option: { size: ["M"] }` becomes `option.size=M`; lists repeat their key. */
function queryOf(params: Record<string, unknown>): string {
  const query = new URLSearchParams();
  const add = (name: string, value: unknown): void => {
    if (value === undefined || value === null || value === "") return;
    if (Array.isArray(value)) for (const item of value) add(name, item);
    else if (typeof value === "object")
      for (const [inner, item] of Object.entries(value)) add(`${name}.${inner}`, item);
    else query.append(name, String(value));
  };
  for (const [name, value] of Object.entries(params)) add(name, value);
  return query.toString();
}
