import { expect } from "chai";
import { isAnswer, normalized } from "../../../mixins/postgres-statements.ts";
import { typeOf } from "../../../mixins/store-errors.ts";

const coded = (code: string): Error => Object.assign(new Error(code), { code });

describe("an error of a PostgreSQL statement", () => {
  const lost = ["EPIPE", "ECONNRESET", "57P01", "08006", "53300", "25P03", "25P04", "26000", ""];
  for (const code of lost)
    it(`asks for another connection and is a 503: ${code || "without a code"}`, () => {
      expect(isAnswer(coded(code))).to.equal(false);
      expect(normalized(coded(code))).to.include({ type: "STORE_UNAVAILABLE", code: 503 });
    });

  const answers = {
    "23505": "UNIQUE_VIOLATION",
    "40P01": "STORE_CONFLICT",
    "40001": "STORE_CONFLICT",
    "55P03": "STORE_CONFLICT",
    "25P02": "STORE_ERROR",
    "42P01": "STORE_ERROR",
    P0001: "STORE_ERROR",
  };
  for (const [code, type] of Object.entries(answers))
    it(`keeps the connection: ${code} is ${type}`, () => {
      expect(isAnswer(coded(code))).to.equal(true);
      expect(typeOf(normalized(coded(code)))).to.equal(type);
    });
});
