import { apiDocument } from "../../services/api-document.ts";
import { edgeProblems } from "../../contract/openapi-problems.ts";
import type { Look } from "./http.ts";

interface Answer {
  $ref?: string;
  description: string;
}
interface Document {
  paths: Record<string, Record<string, { responses: Record<string, Answer> }>>;
  components: { responses: Record<string, Answer> };
}

interface Route {
  pattern: RegExp;
  methods: ReadonlyMap<string, ReadonlyMap<number, readonly string[]>>;
}

let routes: readonly Route[] | undefined;

function read(): readonly Route[] {
  const { paths, components } = apiDocument() as unknown as Document;
  const codesOf = ({ $ref, description }: Answer): readonly string[] =>
    ($ref === undefined
      ? description
      : (components.responses[$ref.split("/").at(-1) ?? ""]?.description ?? "")
    ).split(", ");
  return Object.entries(paths).map(([path, item]) => ({
    pattern: new RegExp(`^/api/v1${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`),
    methods: new Map(
      Object.entries(item).map(([method, { responses }]) => [
        method.toUpperCase(),
        new Map(Object.entries(responses).map(([status, answer]) => [Number(status), codesOf(answer)])),
      ]),
    ),
  }));
}

/** Fails when a refusal has a code that the API's document does not list there: what any test provokes, clients may meet. */
export const documented: Look = (method, path, { status, body }) => {
  const { code } = (typeof body === "object" && body !== null ? body : {}) as { code?: unknown };
  if (status < 400 || typeof code !== "string" || !path.startsWith("/api/")) return;
  if (edgeProblems[code] === status) return;
  routes ??= read();
  const matching = routes.filter(({ pattern }) => pattern.test(path));
  const verb = method === "HEAD" ? "GET" : method;
  const isListed = matching.some(({ methods }) => methods.get(verb)?.get(status)?.includes(code));
  if (!isListed)
    throw new Error(`${method} ${path} answered ${status} ${code}, which the document does not list`);
};
