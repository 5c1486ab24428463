import { expect } from "chai";
import { raw, sql, type Sql } from "../../../mixins/sql.ts";

const text = ({ strings }: Sql): string => strings.join("?");

describe("a statement's text", () => {
  const find = (where: unknown, limit: unknown) => sql`select id from t where ${where} limit ${limit}`;
  const byId = (id: string) => sql`id = ${id} and n > ${1}`;

  it("has a mark for each value, in the order of the values", () => {
    const found = find(byId("a"), 5);
    expect(text(found)).to.equal("select id from t where id = ? and n > ? limit ?");
    expect(found.values).to.deep.equal(["a", 1, 5]);
  });

  it("is one object for the same parts, whatever their values: statements are kept by it", () => {
    expect(find(byId("a"), 5).strings).to.equal(find(byId("b"), 6).strings);
  });

  it("differs for other parts in the same place, and for a value there", () => {
    expect(text(find(raw("n = 1"), 5))).to.equal("select id from t where n = 1 limit ?");
    expect(text(find(raw("n = 2"), 5))).to.equal("select id from t where n = 2 limit ?");
    expect(text(find(byId("a"), raw("all")))).to.equal("select id from t where id = ? and n > ? limit all");
    expect(text(find("a value", raw("all")))).to.equal("select id from t where ? limit all");
    expect(text(find(raw("all"), 1))).to.equal("select id from t where all limit ?");
  });
});
