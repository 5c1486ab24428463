import { expect } from "chai";
import fc from "fast-check";
import { bitsFor, countBits, eachBit, setBit, type Bits } from "../../../services/search/search.bits.ts";
import { Order } from "../../../services/search/search.order.ts";
import { RowSet } from "../../../services/search/search.rowset.ts";

const bitsOf = (rows: Iterable<number>, capacity: number): Bits => {
  const bits = bitsFor(capacity);
  for (const row of rows) setBit(bits, row);
  return bits;
};
const rowsIn = (bits: Bits): number[] => {
  const rows: number[] = [];
  eachBit(bits, (row) => rows.push(row));
  return rows;
};

describe("search.order", () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ put: fc.array(fc.record({ row: fc.nat(60), value: fc.nat(5) }), { maxLength: 8 }) }),
      fc.record({ remove: fc.nat(60) }),
    ),
    { maxLength: 40 },
  );

  it("stays sorted by value and id through inserts, moves and removals, both ways, on every page", () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 7 }), (all, limit) => {
        const values: number[] = [];
        const ids = Array.from({ length: 61 }, (_, n) => `id-${String((n * 37) % 61).padStart(2, "0")}`);
        const order = new Order(values, ids);
        const known = new Map<number, number>();
        for (const step of all) {
          if ("put" in step) {
            const rows = new Map(step.put.map(({ row, value }) => [row, value]));
            for (const row of rows.keys()) if (known.has(row)) order.remove(row);
            for (const [row, value] of rows) {
              values[row] = value;
              known.set(row, value);
            }
            order.insert([...rows.keys()]);
          } else if (known.delete(step.remove)) order.remove(step.remove);
        }
        const expected = [...known.keys()].sort(
          (a, b) => known.get(a)! - known.get(b)! || (ids[a]! < ids[b]! ? -1 : 1),
        );
        const among = bitsOf(known.keys(), 61);
        for (const descending of [false, true]) {
          const found: number[] = [];
          for (let page = order.page(among, descending, undefined, limit); page.length > 0;) {
            found.push(...page);
            page = order.page(among, descending, order.keyOf(page.at(-1)!), limit);
          }
          expect(found).to.deep.equal(descending ? expected.toReversed() : expected);
        }
      }),
    );
  });
});

describe("search.rowset", () => {
  it("agrees with a plain set, few rows or many", () => {
    const changes = fc.array(fc.tuple(fc.nat(2000), fc.boolean()), { maxLength: 600 });
    fc.assert(
      fc.property(changes, fc.array(fc.nat(2000)), (all, others) => {
        const set = new RowSet();
        const plain = new Set<number>();
        for (const [row, member] of all) {
          set.set(row, member);
          if (member) plain.add(row);
          else plain.delete(row);
        }
        const rows = [...plain].sort((a, b) => a - b);
        expect(set.size).to.equal(plain.size);
        expect(set.members().sort((a, b) => a - b)).to.deep.equal(rows);
        expect(rowsIn(set.copy(2001))).to.deep.equal(rows);
        const target = bitsOf(others, 2001);
        const both = [...new Set(others)].filter((row) => plain.has(row)).sort((a, b) => a - b);
        expect(set.countIn(target)).to.equal(both.length);
        set.and(target);
        expect(rowsIn(target)).to.deep.equal(both);
        expect(countBits(target)).to.equal(both.length);
      }),
      { numRuns: 60 },
    );
  });
});
