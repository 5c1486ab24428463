import type { Problem } from "../../contract/http-problem.ts";

export interface Answer<T = unknown> {
  status: number;
  headers: Headers;
  /** The parsed body when it is JSON, else its text. */
  body: T;
}

export interface RequestOptions {
  body?: unknown;
  headers?: Record<string, string>;
  /** An access token or API key. */
  token?: string;
  /** `Idempotency-Key`. */
  key?: string;
}

/** A small client of one store: paths begin below `/api/v1` unless they begin with `/`. */
export interface Http {
  request<T = unknown>(method: string, path: string, options?: RequestOptions): Promise<Answer<T>>;
  get<T = unknown>(path: string, options?: RequestOptions): Promise<Answer<T>>;
  post<T = unknown>(path: string, body?: unknown, options?: RequestOptions): Promise<Answer<T>>;
  put<T = unknown>(path: string, body?: unknown, options?: RequestOptions): Promise<Answer<T>>;
  patch<T = unknown>(path: string, body?: unknown, options?: RequestOptions): Promise<Answer<T>>;
  delete<T = unknown>(path: string, options?: RequestOptions): Promise<Answer<T>>;
}

export type ProblemAnswer = Answer<Problem>;

/** Looks at each answer before the test does. */
export type Look = (method: string, path: string, answer: Answer) => void;

export function httpOf(url: string, look: Look = () => undefined): Http {
  const request = async <T>(
    method: string,
    path: string,
    options: RequestOptions = {},
  ): Promise<Answer<T>> => {
    const { body, token, key } = options;
    const response = await fetch(new URL(path.startsWith("/") ? path : `/api/v1/${path}`, url), {
      method,
      redirect: "manual",
      headers: {
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(key !== undefined && { "idempotency-key": key }),
        ...options.headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /[/+]json\b/.test(response.headers.get("content-type") ?? "");
    const answer = {
      status: response.status,
      headers: response.headers,
      body: (isJson && text ? JSON.parse(text) : text) as T,
    };
    look(method, new URL(response.url).pathname, answer);
    return answer;
  };
  return {
    request,
    get: (path, options) => request("GET", path, options),
    post: (path, body = {}, options) => request("POST", path, { ...options, body }),
    put: (path, body = {}, options) => request("PUT", path, { ...options, body }),
    patch: (path, body = {}, options) => request("PATCH", path, { ...options, body }),
    delete: (path, options) => request("DELETE", path, options),
  };
}
