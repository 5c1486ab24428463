import * as fc from "fast-check";
import { broken, good, odd, sometimes, type Known } from "./arbitrary.ts";
import type { Document, Operation } from "./document.ts";

export interface Request {
  operation: Operation;
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | undefined;
  /** Made to fit the document. */
  fits: boolean;
}

const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
/** What a header may hold at all: others never leave the client. */
const visible = (value: unknown): string =>
  text(value)
    .replaceAll(/[^\x20-\x7e]/g, "")
    .slice(0, 300);
/** Lone surrogates cannot be written in a URL. */
const encode = (value: unknown): string => encodeURIComponent(text(value).toWellFormed());

const csv =
  "sku,name,description,category,price,currency,stock,image,product\nF-1,Fuzz,,kitchen,1.00,GBP,5,,fuzz\n";
/** Where a fresh id finds nothing but 404, names of the path tell what kind of id is meant. */
const fieldOf = (path: string, name: string): string =>
  name === "id"
    ? `id:${
        path
          .split("/{")[0]
          ?.split("/")
          .filter((part) => part !== "" && part !== "admin")[0] ?? ""
      }`
    : name;

interface Values {
  parameters: unknown[];
  body: unknown;
}

/** Requests of one operation: most fit the document, the others have something wrong with them. */
export function requestsOf(operation: Operation, document: Document, known: Known): fc.Arbitrary<Request> {
  const { parameters, body, path } = operation;
  const value = ({ name, in: where, schema }: (typeof parameters)[number]): fc.Arbitrary<unknown> => {
    if (name === "fields" && operation.fields.length > 0)
      return fc.subarray([...operation.fields], { minLength: 1 }).map((names) => names.join());
    // A guest is known by it; a short one is refused.
    if (name === "Idempotency-Key")
      return fc.oneof({ weight: 3, arbitrary: fc.uuid() }, good(schema, document.resolve, known));
    return good(schema, document.resolve, known, where === "path" ? fieldOf(path, name) : name);
  };
  // Most of them together would fit nothing: a cursor goes with one sort, a filter with few products.
  const list = parameters.map((one) => (one.required ? value(one) : sometimes(value(one))));
  const spoiled = parameters.map((one, i) =>
    fc.oneof(
      { weight: 3, arbitrary: list[i] as fc.Arbitrary<unknown> },
      odd,
      fc.constant(one.in === "path" ? "x" : undefined),
    ),
  );
  const fitting = body === undefined ? fc.constant(undefined) : good(body.schema, document.resolve, known);
  const isJson = body?.type === "application/json";
  const whole = fc.record<Values>({ parameters: fc.tuple(...list), body: fitting });
  const wrong = fc.record<Values>({
    parameters: fc.tuple(...spoiled),
    body: isJson ? broken(fitting) : fitting,
  });
  return fc.oneof(
    { weight: 6, arbitrary: whole.map((values) => build(operation, values, true)) },
    { weight: 4, arbitrary: wrong.map((values) => build(operation, values, false)) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(whole, fc.nat(5))
        .map(([values, how]) => mangle(build(operation, values, false), how)),
    },
  );
}

function build(operation: Operation, { parameters, body }: Values, fits: boolean): Request {
  let { path } = operation;
  const headers: Record<string, string> = {};
  const query: string[] = [];
  operation.parameters.forEach(({ name, in: where }, i) => {
    const value = parameters[i];
    if (value === undefined) return;
    if (where === "path") path = path.replace(`{${name}}`, encode(value) || "%20");
    else if (where === "header") headers[name] = visible(value);
    else query.push(`${encodeURIComponent(name.replace("<name>", "size"))}=${encode(value)}`);
  });
  const { body: content, method } = operation;
  if (content !== undefined) headers["content-type"] = content.type;
  const sent =
    content === undefined || body === undefined
      ? undefined
      : content.type === "application/json"
        ? JSON.stringify(body)
        : content.type === "text/csv"
          ? csv
          : text(body);
  const url = `/api/v1${path}${query.length > 0 ? `?${query.join("&")}` : ""}`;
  return { operation, method, url, headers, body: sent, fits };
}

/** Breaks the form rather than the content. */
function mangle(request: Request, how: number): Request {
  const { url, headers, body } = request;
  const join = url.includes("?") ? "&" : "?";
  switch (how) {
    case 0:
      return { ...request, body: body === undefined ? body : body.slice(0, -1) };
    case 1:
      return { ...request, headers: { ...headers, "content-type": "text/plain" } };
    case 2:
      return { ...request, url: `${url}${join}unknown=1&limit=1&limit=2` };
    case 3:
      return { ...request, headers: { ...headers, "If-Match": "*", "Idempotency-Key": "" } };
    case 4:
      return { ...request, url: `${url}${join}cursor=bm90LW91cnM&%E0%A4%A=1` };
    default:
      return { ...request, headers: { ...headers, authorization: "Bearer nothing" } };
  }
}
