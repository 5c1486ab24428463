import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { notFound } from "../../../contract/errors.ts";
import { findErrors } from "../../../contract/json-schema.ts";
import { problemCodes } from "../../../contract/openapi-problems.ts";
import { contracts } from "../../../services/contracts.ts";
import { apiDocument } from "../../../services/api-document.ts";
import { publishedActions } from "../../../services/gateway/gateway.routes.ts";

interface Parameter {
  $ref?: string;
  name: string;
  in: string;
  required: boolean;
  schema: object;
}
interface Operation {
  operationId: string;
  summary: string;
  tags: string[];
  security: Record<string, string[]>[];
  parameters: Parameter[];
  requestBody?: { content: Record<string, { schema: { required: string[]; properties: object } }> };
  responses: Record<
    string,
    { description: string; headers?: object; content?: Record<string, { schema: object }> }
  >;
}
interface Document {
  openapi: string;
  info: object;
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: Record<string, Record<string, object>>;
}

const document = JSON.parse(JSON.stringify(apiDocument())) as Document;
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
);
const operation = (method: string, path: string): Operation => document.paths[path]![method]!;

/** What a response says itself, or what it refers to. */
const resolved = (answer: { $ref?: string; content?: object }): { content?: object } =>
  answer.$ref ? document.components.responses![answer.$ref.split("/")[3]!]! : answer;

/** Every `$ref` of the document. */
function references(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const own = "$ref" in value ? [value.$ref as string] : [];
  return [...own, ...Object.values(value).flatMap(references)];
}

/** Never leave the store: told apart by callers, counted as 500 or 503, or words of an import. */
const inside = new Set([
  "ALREADY_EXISTS",
  "BROKEN_CONTRACT",
  "BUSY",
  "PARKED_MESSAGE_NOT_FOUND",
  "PAYMENT_AMOUNT_CHANGED",
  "PICTURE_EXISTS",
  "REFUND_ID_REUSED",
  "SAGA_FENCED",
  "SERVICE_NOT_AVAILABLE",
  "SERVICE_NOT_FOUND",
  "STORE_CONFLICT",
  "STORE_ERROR",
  "STORE_UNAVAILABLE",
  "TEST_CHARGE_MISSING",
  "TEST_REFUND_TOO_LARGE",
  "TOO_MANY_VARIANTS",
  "UNIQUE_VIOLATION",
]);

/** Codes in the sources, with a file of each: arguments of the error makers, and all of the errors files. */
function refusalsInSources(): Map<string, string> {
  const root = join(import.meta.dirname, "../../..");
  const found = new Map<string, string>();
  for (const file of globSync("{services,mixins,contract,middlewares}/**/*.ts", { cwd: root })) {
    const source = readFileSync(join(root, file), "utf8");
    const makers =
      /\b(?:refuse|conflict|forbidden|unauthenticated|unavailable|Error)\(\s*(?:\w+,\s*)?"([A-Z][A-Z0-9_]{2,})"/g;
    for (const [, code] of source.matchAll(makers)) found.set(code as string, file);
    for (const [, code] of source.matchAll(/unique: "([A-Z_]+)"/g)) found.set(code as string, file);
    for (const [, what] of source.matchAll(/\bnotFound\("([\w -]+)"\)/g))
      found.set((notFound(what as string) as Error & { type: string }).type, file);
    if (/(errors|keys)\.ts$/.test(file))
      for (const [, code] of source.matchAll(/"([A-Z][A-Z0-9]*_[A-Z0-9_]+)"/g))
        found.set(code as string, file);
  }
  return found;
}

describe("openApiDocument", () => {
  it("has each published action once, and no other", () => {
    const published = Object.values(contracts).flatMap((contract) =>
      Object.values(contract.actions).filter((action: { rest?: string }) => action.rest !== undefined),
    );
    expect(operations).to.have.lengthOf(published.length);
    const ids = operations.map(({ operation: { operationId } }) => operationId);
    expect(new Set(ids)).to.have.property("size", ids.length);
    expect(operation("post", "/orders").operationId).to.equal("ordersPlace");
  });

  it("names version 3.1, and tags that exist", () => {
    expect(document.openapi).to.match(/^3\.1\.\d+$/);
    const tags = document.tags.map(({ name }) => name);
    for (const one of operations) expect(tags).to.include.members(one.operation.tags);
  });

  it("points at nothing that is not there", () => {
    for (const reference of references(document)) {
      const [, , section = "", name = ""] = reference.split("/");
      expect(document.components[section], reference).to.have.property(name);
    }
    for (const scheme of operations.flatMap(({ operation: { security } }) => security.flatMap(Object.keys))) {
      expect(document.components.securitySchemes).to.have.property(scheme);
    }
  });

  it("declares every parameter of a path, required", () => {
    for (const { path, operation: one } of operations) {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = one.parameters.filter((parameter) => parameter.in === "path");
      expect(
        declared.map(({ name }) => name),
        path,
      ).to.have.members(names);
      expect(declared.every(({ required }) => required)).to.equal(true);
    }
  });

  it("puts the fields of a body in the body, and those of the path nowhere else", () => {
    const move = operation("post", "/admin/inventory/{sku}/movements");
    const { properties } = move.requestBody!.content["application/json"]!.schema;
    expect(properties).to.have.property("quantity");
    expect(properties).not.to.have.property("sku");
    expect(move.parameters.filter((parameter) => parameter.in === "query")).to.deep.equal([]);
  });

  it("puts the fields of a read in the query, an object with dotted keys", () => {
    const names = operation("get", "/products").parameters.map(({ name }) => name);
    expect(names).to.include.members(["q", "limit", "cursor", "option.<name>"]);
    expect(operation("get", "/products").requestBody).to.equal(undefined);
  });

  it("takes a CSV as the body and the rest in the query", () => {
    const run = operation("post", "/admin/imports");
    expect(run.requestBody!.content).to.have.all.keys("text/csv");
    expect(run.parameters.map(({ name }) => name)).to.include("dryRun");
  });

  it("answers every refusal as problem+json that names its codes", () => {
    for (const { operation: one } of operations) {
      const refusals = Object.entries(one.responses).filter(([status]) => Number(status) >= 400);
      expect(refusals.map(([status]) => status)).to.include.members(["422", "429", "500", "503"]);
      for (const [, answer] of refusals) {
        expect(resolved(answer).content).to.have.all.keys("application/problem+json");
      }
    }
    expect(operation("post", "/orders").responses["409"]?.description).to.contain("OUT_OF_STOCK");
    expect(operation("post", "/orders").responses["400"]?.description).to.contain("IDEMPOTENCY_KEY_REQUIRED");
  });

  it("writes a named schema once", () => {
    const { schema } = operation("get", "/orders/{id}").responses["200"]!.content!["application/json"]!;
    expect(schema).to.deep.equal({ $ref: "#/components/schemas/Order" });
    const lines = document.components.schemas!.Order as { properties: { lines: { items: object } } };
    expect(lines.properties.lines.items).to.deep.equal({ $ref: "#/components/schemas/OrderLine" });
  });

  it("says who may call", () => {
    expect(operation("get", "/products").security).to.deep.equal([{}, { bearer: [] }]);
    expect(operation("get", "/me").security).to.deep.equal([{ bearer: [] }]);
    expect(operation("get", "/carts/{id}").security).to.deep.include({ cartSecret: [] });
    expect(operation("get", "/orders/{id}").security).to.deep.include({ orderSecret: [] });
    expect(operation("get", "/admin/orders").security).to.deep.equal([
      { staff: ["orders:read"] },
      { apiKey: ["orders:read"] },
    ]);
  });

  it("limits every text, list and number that may be sent", () => {
    const limitOf: Record<string, string> = {
      string: "maxLength",
      array: "maxItems",
      integer: "maximum",
      number: "maximum",
    };
    const unlimited = (schema: Record<string, unknown>, at: string): string[] => {
      const limit = limitOf[schema.type as string];
      const own = limit && !("enum" in schema || "const" in schema || limit in schema) ? [at] : [];
      const inner = Object.entries(schema).flatMap(([key, value]) =>
        typeof value === "object" && value !== null
          ? unlimited(value as Record<string, unknown>, `${at}/${key}`)
          : [],
      );
      return [...own, ...inner];
    };
    for (const { name, action } of publishedActions(contracts))
      expect(unlimited(action.params as unknown as Record<string, unknown>, name)).to.deep.equal([]);
  });

  /** Whether they fit their schemas is for the linters to say (`npm run lint:openapi`). */
  it("shows an example of each JSON body and answer", () => {
    for (const { path, method, operation: one } of operations)
      for (const part of [one.requestBody, ...Object.values(one.responses)]) {
        const json = part?.content?.["application/json"];
        if (json) expect(json, `${method} ${path}`).to.have.property("example");
      }
  });

  it("lists every code that the store's sources can refuse with", () => {
    const listed = new Set(problemCodes(publishedActions(contracts).map(({ action }) => action)));
    const thrown = refusalsInSources();
    expect(thrown.size).to.be.greaterThan(80);
    const unlisted = [...thrown].filter(([code]) => !listed.has(code) && !inside.has(code));
    expect(unlisted).to.deep.equal([]);
  });

  it("describes each webhook with the payload of its type", () => {
    const { webhooks } = document as unknown as { webhooks: Record<string, { post: object }> };
    expect(webhooks).to.include.keys("orders.confirmed", "products.changed");
    expect(JSON.stringify(webhooks["orders.confirmed"]))
      .to.contain("FeedEvent")
      .and.to.contain("schemas/Order");
  });

  it("fits the parts of the 3.1 specification that it uses", () => {
    expect(findErrors(specification, document)).to.equal(undefined);
  });
});

const text = { type: "string" };
const object = (properties: object, required: string[] = []) => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});
const map = (values: object) => ({ type: "object", additionalProperties: values });
const reference = object({ $ref: { type: "string", pattern: "^#/components/" } }, ["$ref"]);
const content = map(object({ schema: { type: "object" }, example: {}, "x-row": { type: "object" } }));
const parameter = object(
  {
    name: text,
    in: { enum: ["path", "query", "header", "cookie"] },
    required: { type: "boolean" },
    description: text,
    schema: { type: "object" },
    example: {},
  },
  ["name", "in", "schema"],
);
const response = object({ description: text, headers: map(reference), content }, ["description"]);
const operationSchema = object(
  {
    operationId: { type: "string", pattern: "^[a-z][A-Za-z0-9]+$" },
    summary: { type: "string", minLength: 1 },
    description: { type: "string", minLength: 1 },
    tags: { type: "array", items: text },
    security: { type: "array", items: map({ type: "array" }) },
    "x-permission": text,
    parameters: { type: "array", items: { anyOf: [reference, parameter] } },
    requestBody: object({ required: { type: "boolean" }, description: text, content }, ["content"]),
    responses: {
      type: "object",
      propertyNames: { pattern: "^[1-5][0-9]{2}$" },
      additionalProperties: { anyOf: [reference, response] },
    },
  },
  ["operationId", "responses"],
);
/** The objects of OpenAPI 3.1 that we write, closed: a misspelt keyword is an error. */
const specification = object(
  {
    openapi: text,
    info: object({ title: text, version: text, description: text, license: map(text), contact: map(text) }, [
      "title",
      "version",
    ]),
    servers: {
      type: "array",
      items: object({ url: text, description: text, "x-internal": { type: "boolean" } }, ["url"]),
    },
    tags: { type: "array", items: object({ name: text, description: text }, ["name"]) },
    paths: {
      type: "object",
      propertyNames: { pattern: "^/" },
      additionalProperties: object(
        Object.fromEntries(
          ["get", "post", "put", "patch", "delete"].map((method) => [method, operationSchema]),
        ),
      ),
    },
    webhooks: map(object({ post: operationSchema }, ["post"])),
    components: object({
      schemas: map({ type: "object" }),
      responses: map(response),
      securitySchemes: map({ type: "object" }),
      headers: map(
        object({ description: text, schema: { type: "object" }, example: {} }, ["schema", "example"]),
      ),
      parameters: map(parameter),
    }),
  },
  ["openapi", "info", "paths"],
);
