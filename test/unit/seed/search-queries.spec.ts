import { expect } from "chai";
import { sampleCatalogue, type SampleProduct } from "../../../services/products/seed/index.ts";
import { searchQueries } from "../../helpers/search-queries.ts";

const words = (text: string): string[] =>
  text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .match(/[a-z0-9]+/g) ?? [];

const singular = (word: string): string =>
  word
    .replace(/ves$/, "f")
    .replace(/(ss|sh|ch|x)es$/, "$1")
    .replace(/([^s])s$/, "$1")
    .replace(/fe$/, "f");

/** Letters added, lost, changed or swapped. */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? Infinity;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const changed = at(i - 1, j - 1) + Number(a[i - 1] !== b[j - 1]);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : Infinity;
      row.push(Math.min(changed, swapped, at(i - 1, j) + 1, at(i, j - 1) + 1));
    }
  }
  return at(a.length, b.length);
}

/** How far a typed word lies from one in the text: 0 the same, up to 2 misspelt, else Infinity. */
function wordCost(typed: string, known: string): number {
  if (typed === known) return 0;
  if (singular(typed) === singular(known)) return 0.1;
  if (known.startsWith(typed)) return 0.3;
  const edits = distance(typed, known);
  return edits <= (typed.length < 6 ? 1 : 2) ? edits : Infinity;
}

function cost(query: string, text: string): number {
  const known = words(text);
  return words(query).reduce(
    (sum, typed) => sum + Math.min(...known.map((word) => wordCost(typed, word))),
    0,
  );
}

const everything = (p: SampleProduct): string =>
  [p.name, p.description, ...p.categories, ...p.variants.map((v) => v.name)].join(" ");

describe("search queries of the sample catalogue", () => {
  const { products } = sampleCatalogue();

  it("are at least sixty, all different", () => {
    expect(searchQueries.length).to.be.at.least(60);
    expect(new Set(searchQueries.map(({ query }) => query)).size).to.equal(searchQueries.length);
  });

  for (const { query, slug, kind } of searchQueries) {
    it(`lead to one product only: "${query}" (${kind})`, () => {
      const wanted = products.find((product) => product.slug === slug);
      const best = cost(query, wanted?.name ?? "");
      expect(best, "the name answers the query").to.be.below(3);
      const rivals = products.filter(
        (other) =>
          other.slug !== slug && (cost(query, other.name) <= best || cost(query, everything(other)) < best),
      );
      expect(rivals.map((rival) => rival.slug)).to.deep.equal([]);
    });
  }
});
