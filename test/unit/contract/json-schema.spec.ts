import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { expect } from "chai";
import { Type } from "typebox";
import { ServiceBroker } from "moleculer";
import type { Contract } from "../../../contract/define.ts";
import type { FieldError } from "../../../contract/errors.ts";
import { findErrors } from "../../../contract/json-schema.ts";
import { shape } from "../../../contract/shapes.ts";
import { ContractValidator } from "../../../contract/validator.ts";
import { contracts } from "../../../services/contracts.ts";

const Order = shape({
  email: Type.String({ format: "email" }),
  placedAt: Type.Optional(Type.String({ format: "date-time" })),
  lines: Type.Array(shape({ sku: Type.String(), quantity: Type.Integer({ minimum: 1 }) })),
  payment: Type.Union([
    shape({ provider: Type.Literal("test"), token: Type.String() }),
    shape({ provider: Type.Literal("stripe") }),
  ]),
  note: Type.Optional(Type.Union([Type.String({ maxLength: 3 }), Type.Null()])),
});
const sound = {
  email: "ada@example.com",
  lines: [{ sku: "TEA", quantity: 1 }],
  payment: { provider: "test", token: "tok_visa" },
};

const pointers = (value: unknown): string[] => (findErrors(Order, value) ?? []).map(({ pointer }) => pointer);

describe("the schemas of all contracts", () => {
  const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
  formats.default(ajv, ["date-time", "email", "uri"]);

  it("are JSON Schema 2020-12, and compile strictly", () => {
    let count = 0;
    for (const { name, actions, events } of Object.values<Contract>(contracts)) {
      const schemas = [
        ...Object.entries(actions).flatMap(([action, definition]) => [
          [`${action}, params`, definition.params],
          [`${action}, returns`, definition.returns],
          ...("row" in definition && definition.row ? [[`${action}, row`, definition.row]] : []),
        ]),
        ...Object.entries(events).map(([event, { payload }]) => [event, payload]),
      ] as [string, object][];
      for (const [what, schema] of schemas) {
        const plain = JSON.parse(JSON.stringify(schema)) as object;
        expect(ajv.validateSchema(plain), `${name}.${what}: ${ajv.errorsText()}`).to.equal(true);
        ajv.compile(plain);
        count++;
      }
    }
    expect(count).to.be.above(300);
  });

  it("would not pass with a list of schemas where one belongs", () => {
    expect(ajv.validateSchema({ type: "array", items: [{ type: "string" }] })).to.equal(false);
  });
});

describe("findErrors", () => {
  it("finds nothing in a sound value", () => {
    expect(findErrors(Order, sound)).to.equal(undefined);
  });

  it("points at the value that does not fit", () => {
    expect(findErrors(Order, { ...sound, lines: [{ sku: "TEA", quantity: 0 }] })).to.deep.equal([
      { pointer: "/lines/0/quantity", message: "must be >= 1" },
    ]);
  });

  it("points at an unknown field, escaped", () => {
    expect(pointers({ ...sound, "a/b~c": 1 })).to.deep.equal(["/a~1b~0c"]);
  });

  it("points at a missing field", () => {
    expect(pointers({ lines: [], payment: sound.payment })).to.deep.equal(["/email"]);
  });

  it("finds all mistakes at once", () => {
    expect(pointers({ ...sound, email: "ada", lines: "TEA" })).to.have.members(["/email", "/lines"]);
  });

  it("coerces nothing", () => {
    expect(pointers({ ...sound, lines: [{ sku: "TEA", quantity: "1" }] })).to.deep.equal([
      "/lines/0/quantity",
    ]);
    expect(pointers({ ...sound, note: 1 })).to.deep.equal(["/note"]);
  });

  it("names only the branch of a union that the value means", () => {
    expect(findErrors(Order, { ...sound, payment: { provider: "test" } })).to.deep.equal([
      { pointer: "/payment/token", message: "is required" },
    ]);
    expect(findErrors(Order, { ...sound, payment: { provider: "gold" } })).to.deep.equal([
      { pointer: "/payment/provider", message: "must be one of test, stripe" },
    ]);
    expect(pointers({ ...sound, note: "long" })).to.deep.equal(["/note"]);
  });

  it("checks dates and addresses by their format", () => {
    expect(pointers({ ...sound, placedAt: "yesterday" })).to.deep.equal(["/placedAt"]);
    expect(pointers({ ...sound, placedAt: "2026-02-29T00:00:00Z" })).to.deep.equal(["/placedAt"]);
    expect(pointers({ ...sound, placedAt: "2028-02-29T00:00:00.000Z" })).to.deep.equal([]);
  });

  it("lists at most fifty mistakes", () => {
    const lines = Array.from({ length: 5000 }, () => ({}));
    expect(findErrors(Order, { ...sound, lines })).to.have.lengthOf(50);
  });

  for (const [what, value] of Object.entries({
    "a prototype key": JSON.parse('{"__proto__": {"email": "ada@example.com"}}') as unknown,
    "names of Object's own": { constructor: 1, toString: 2, hasOwnProperty: 3 },
    "a deep nest": JSON.parse(`${'{"lines":['.repeat(20_000)}1${"]}".repeat(20_000)}`) as unknown,
    "a list": [],
    nothing: undefined,
    "a number": 1e308,
  })) {
    it(`survives ${what}`, () => {
      const errors = findErrors(Order, value) as FieldError[];
      expect(errors).to.be.an("array").that.is.not.empty;
      expect(({} as Record<string, unknown>).email).to.equal(undefined);
    });
  }
});

describe("the contracts", () => {
  for (const contract of Object.values(contracts)) {
    it(`${contract.name}: every schema is strict JSON Schema`, () => {
      for (const action of Object.values(contract.actions)) {
        expect(() => [findErrors(action.params, {}), findErrors(action.returns, {})]).not.to.throw();
      }
      for (const event of Object.values(contract.events))
        findErrors((event as { payload: object }).payload, {});
    });

    it(`${contract.name}: every object in params refuses unknown fields`, () => {
      for (const [name, action] of Object.entries(contract.actions)) {
        expect(openObjects(action.params, `${contract.name}.${name}`)).to.deep.equal([]);
      }
    });
  }
});

/** Where a schema has an object that takes any field; a record of free names says so by its own keywords. */
function openObjects(schema: unknown, at: string): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const { type, properties, additionalProperties } = schema as Record<string, unknown>;
  const open = type === "object" && properties !== undefined && additionalProperties !== false;
  const inside = Object.entries(schema).flatMap(([key, value]) => openObjects(value, `${at}/${key}`));
  return open ? [at, ...inside] : inside;
}

describe("ContractValidator", () => {
  const broker = new ServiceBroker({ logger: false, validator: new ContractValidator() });
  const echo = (ctx: { params: unknown }) => ctx.params;
  broker.createService({
    name: "greeter",
    actions: {
      ours: { params: { ...shape({ name: Type.String() }) }, handler: echo },
      theirs: { params: { name: "string" }, handler: echo },
    },
  });
  before(() => broker.start());
  after(() => broker.stop());

  const refusal = (action: string, params: unknown) =>
    broker.call(action, params).then(
      () => undefined,
      (error: { code: number; type: string; data: { errors?: unknown } }) => error,
    );

  it("refuses params that break the contract with 422 and pointers", async () => {
    const error = await refusal("greeter.ours", { name: 1, extra: true });
    expect(error).to.include({ code: 422, type: "VALIDATION_ERROR" });
    expect(error?.data.errors).to.have.deep.members([
      { pointer: "/name", message: "must be string" },
      { pointer: "/extra", message: "is not a known field" },
    ]);
  });

  it("treats missing params as an empty object", async () => {
    expect((await refusal("greeter.ours", undefined))?.data.errors).to.deep.equal([
      { pointer: "/name", message: "is required" },
    ]);
  });

  it("leaves fastest-validator's schemas to it, so Moleculer's own actions work", async () => {
    expect(await refusal("greeter.theirs", { name: 1 })).to.include({ code: 422, type: "VALIDATION_ERROR" });
    expect(await broker.call("$node.services", { onlyLocal: true })).to.be.an("array");
    expect(await refusal("$node.services", { onlyLocal: "maybe" })).to.include({ code: 422 });
  });
});
