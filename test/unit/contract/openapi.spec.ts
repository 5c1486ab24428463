import { expect } from "chai";
import { findErrors } from "../../../contract/json-schema.ts";
import { openApiDocument } from "../../../contract/openapi.ts";
import { contracts } from "../../../services/contracts.ts";
import { schemas } from "../../../services/schemas.ts";

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

const document = JSON.parse(JSON.stringify(openApiDocument(contracts, schemas))) as Document;
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
const content = map(object({ schema: { type: "object" } }, ["schema"]));
const parameter = object(
  {
    name: text,
    in: { enum: ["path", "query", "header", "cookie"] },
    required: { type: "boolean" },
    description: text,
    schema: { type: "object" },
  },
  ["name", "in", "schema"],
);
const response = object({ description: text, headers: map(reference), content }, ["description"]);
const operationSchema = object(
  {
    operationId: { type: "string", pattern: "^[a-z][A-Za-z0-9]+$" },
    summary: { type: "string", minLength: 1 },
    tags: { type: "array", items: text },
    security: { type: "array", items: map({ type: "array" }) },
    "x-permission": text,
    parameters: { type: "array", items: { anyOf: [reference, parameter] } },
    requestBody: object({ required: { type: "boolean" }, content }, ["content"]),
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
    info: object({ title: text, version: text, description: text, license: map(text) }, ["title", "version"]),
    servers: { type: "array", items: object({ url: text }, ["url"]) },
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
    components: object({
      schemas: map({ type: "object" }),
      responses: map(response),
      securitySchemes: map({ type: "object" }),
      headers: map(object({ description: text, schema: { type: "object" } }, ["schema"])),
      parameters: map(parameter),
    }),
  },
  ["openapi", "info", "paths"],
);
