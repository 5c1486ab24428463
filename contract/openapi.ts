import type { Contract } from "./define.ts";
import { exampleOf } from "./openapi-examples.ts";
import { withLimits } from "./openapi-limits.ts";
import { describe, type Operation } from "./openapi-operation.ts";
import { components, ref, shortener, type Json } from "./openapi-parts.ts";
import { problemCodes, sharedProblems } from "./openapi-problems.ts";
import { about, tagWords } from "./openapi-words.ts";
import { version } from "./version.ts";

type Contracts = Readonly<Record<string, Contract>>;

/** What is sent to integrators: the event's schema, and the types of events that it may be of. */
export interface Outgoing {
  readonly event: object;
  readonly types: readonly string[];
}

/**
 * The OpenAPI 3.1 document of all published actions; schemas go in as the contracts have them.
 * @param named schemas that stand once in the document, under their names
 */
export function openApiDocument(
  contracts: Contracts,
  named: Readonly<Record<string, object>> = {},
  outgoing?: Outgoing,
): Json {
  const { shorten, schemas } = shortener(named);
  const operations = operationsOf(contracts);
  const paths: Record<string, Json> = {};
  for (const operation of operations)
    paths[operation.path] = { ...paths[operation.path], [operation.method]: shorten(describe(operation)) };
  const codes = problemCodes(operations.map(({ action }) => action));
  const document = withLimits({
    openapi: "3.1.0",
    info: {
      title: "Valence",
      version,
      description: about,
      contact: { name: "Whoever runs this store" },
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [
      { url: "/api/v1", description: "This store, in production and in tests alike", "x-internal": false },
    ],
    tags: tagsOf(operations),
    paths,
    ...(outgoing && { webhooks: shorten(webhooksOf(contracts, outgoing)) }),
    components: {
      ...components,
      responses: sharedProblems,
      schemas: { ...components.schemas, ProblemCode: { ...codeSchema, enum: codes }, ...schemas },
    },
  }) as Json;
  return withoutUnused(withExamples(document));
}

const codeSchema = { type: "string", description: "For programs. Codes are added, never renamed." };

function operationsOf(contracts: Contracts): Operation[] {
  const published = Object.values(contracts).flatMap((contract) =>
    Object.entries(contract.actions).flatMap(([name, action]) =>
      action.rest === undefined ? [] : [{ actor: contract.name, name, action }],
    ),
  );
  const reads = new Set(published.map(({ action: { rest } }) => rest.replace(/:\w+$/, ":")));
  return published.map((one) => {
    const [method = "", route = ""] = one.action.rest.split(" ");
    const path = route.replaceAll(/:(\w+)/g, "{$1}");
    return { ...one, method: method.toLowerCase(), path, isReadable: reads.has(`GET ${route}/:`) };
  });
}

const tagsOf = (operations: readonly Operation[]): Json[] =>
  [...new Set(operations.map(({ actor }) => actor))].map((name) => ({
    name,
    description: tagWords[name] ?? name,
  }));

/** One entry for each type: the same event, with the payload of that type. */
function webhooksOf(contracts: Contracts, { event, types }: Outgoing): Json {
  return Object.fromEntries(
    types.map((type) => {
      const [actor = "", name = ""] = type.split(".");
      const { summary, payload } = contracts[actor]?.events[name] as Contract["events"][string];
      const properties = { type: { const: type }, data: payload };
      const post = {
        operationId: `on${actor.charAt(0).toUpperCase()}${actor.slice(1)}${name.charAt(0).toUpperCase()}${name.slice(1)}`,
        summary,
        description: `${summary}. Signed by Standard Webhooks; tried again for three days until a 2xx answer.`,
        tags: ["webhooks"],
        security: [{}],
        requestBody: {
          required: true,
          content: { "application/json": { schema: { allOf: [event, { type: "object", properties }] } } },
        },
        responses: { "204": { description: "Taken; any 2xx will do." } },
      };
      return [type, { post }];
    }),
  );
}

interface Content {
  schema?: Json;
  example?: unknown;
}
interface Answer {
  content?: Record<string, Content>;
}
interface Described {
  parameters: (Content & { name?: string; in?: string; required?: boolean })[];
  requestBody?: Answer;
  responses: Record<string, Answer>;
}

/** An example of each body, success and parameter that must be given. */
function withExamples(document: Json): Json {
  const { schemas } = document.components as { schemas: Record<string, Json> };
  const resolve = (schema: Json): Json =>
    typeof schema.$ref === "string"
      ? resolve(schemas[schema.$ref.split("/").at(-1) as string] as Json)
      : schema;
  const add = (content: Content | undefined, name = ""): void => {
    if (content?.schema && content.example === undefined)
      content.example = exampleOf(content.schema, resolve, name);
  };
  for (const item of Object.values(document.paths as Record<string, Record<string, Described>>))
    for (const { parameters, requestBody, responses } of Object.values(item)) {
      for (const parameter of parameters) if (parameter.required) add(parameter, parameter.name);
      add(requestBody?.content?.["application/json"]);
      for (const answer of Object.values(responses)) add(answer.content?.["application/json"]);
    }
  return document;
}

/** Every `$ref` of a part of the document. */
function references(part: unknown): string[] {
  if (typeof part !== "object" || part === null) return [];
  const own = "$ref" in part && typeof part.$ref === "string" ? [part.$ref] : [];
  return [...own, ...Object.values(part).flatMap(references)];
}

/** Takes out of the components what nothing refers to. */
function withoutUnused(document: Json): Json {
  const { components: all, ...rest } = document as { components: Record<string, Json> };
  const used = new Set<string>();
  const follow = (part: unknown): void => {
    for (const pointer of references(part)) {
      if (used.has(pointer)) continue;
      used.add(pointer);
      const [, , section = "", name = ""] = pointer.split("/");
      follow(all[section]?.[name]);
    }
  };
  follow(rest);
  const kept = Object.entries(all).map(([section, parts]) => [
    section,
    section === "securitySchemes"
      ? parts
      : Object.fromEntries(
          Object.entries(parts).filter(([name]) => used.has(ref(section, name).$ref as string)),
        ),
  ]);
  return { ...rest, components: Object.fromEntries(kept) as Json };
}
