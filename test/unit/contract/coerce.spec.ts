import { expect } from "chai";
import fc from "fast-check";
import { Type } from "typebox";
import { coerceQuery } from "../../../contract/coerce.ts";
import type { FieldError } from "../../../contract/errors.ts";
import { shape } from "../../../contract/shapes.ts";

const Query = shape({
  q: Type.Optional(Type.String()),
  limit: Type.Optional(Type.Integer()),
  weight: Type.Optional(Type.Number()),
  inStock: Type.Optional(Type.Boolean()),
  page: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
  category: Type.Optional(Type.Array(Type.String())),
  years: Type.Optional(Type.Array(Type.Integer())),
  option: Type.Optional(Type.Record(Type.String({ pattern: "^[a-z]{1,20}$" }), Type.String())),
  label: Type.Optional(Type.Record(Type.String(), Type.String())),
  range: Type.Optional(shape({ from: Type.Optional(Type.Integer()) })),
});
const coerce = (query: string) => coerceQuery(Query, new URLSearchParams(query));

function refusal(query: string): { code: number; type: string; errors: FieldError[] } {
  try {
    coerce(query);
  } catch (error) {
    const { code, type, data } = error as { code: number; type: string; data: { errors: FieldError[] } };
    return { code, type, errors: data.errors };
  }
  throw new Error("not refused");
}

describe("coerceQuery", () => {
  it("turns text into the numbers and booleans of the schema", () => {
    expect(coerce("limit=20&weight=1.5&inStock=true&page=3&q=20")).to.deep.equal({
      limit: 20,
      weight: 1.5,
      inStock: true,
      page: 3,
      q: "20",
    });
  });

  for (const text of ["1e3", "0x10", " 5", "5.0", "", "1_000", "Infinity", "99999999999999999999"]) {
    it(`leaves limit=${JSON.stringify(text)} as text, for the action's check to refuse`, () => {
      expect(coerce(`limit=${encodeURIComponent(text)}`)).to.deep.equal({ limit: text });
    });
  }

  it("makes lists of repeated keys where the schema has a list", () => {
    expect(coerce("category=tea&category=mugs&years=2025&years=2026")).to.deep.equal({
      category: ["tea", "mugs"],
      years: [2025, 2026],
    });
    expect(coerce("category=tea")).to.deep.equal({ category: ["tea"] });
  });

  it("refuses a repeated key elsewhere", () => {
    expect(refusal("limit=1&limit=2").errors).to.deep.equal([
      { pointer: "/limit", message: "must be given once" },
    ]);
  });

  it("makes an object of dotted keys", () => {
    expect(coerce("option.size=M&option.colour=red&range.from=3")).to.deep.equal({
      option: { size: "M", colour: "red" },
      range: { from: 3 },
    });
  });

  it("refuses unknown keys with 422 and their pointers", () => {
    expect(refusal("lmit=1&option.Size=M&range.to=2&a/b=1")).to.deep.equal({
      code: 422,
      type: "VALIDATION_ERROR",
      errors: [
        { pointer: "/lmit", message: "is not a known field" },
        { pointer: "/option.Size", message: "is not a known field" },
        { pointer: "/range.to", message: "is not a known field" },
        { pointer: "/a~1b", message: "is not a known field" },
      ],
    });
  });

  for (const key of [
    "__proto__",
    "constructor",
    "option.__proto__",
    "label.__proto__",
    "__proto__.polluted",
    "toString",
    "option[size]",
    "option.",
    ".size",
  ]) {
    it(`refuses the key ${key}`, () => {
      expect(refusal(`${encodeURIComponent(key)}=1`).errors).to.have.lengthOf(1);
      expect(({} as Record<string, unknown>).polluted).to.equal(undefined);
    });
  }

  it("answers or refuses with 422 whatever the query is", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string())), (pairs) => {
        try {
          coerceQuery(Query, new URLSearchParams(pairs));
        } catch (error) {
          expect((error as { code: number }).code).to.equal(422);
        }
      }),
    );
  });
});
