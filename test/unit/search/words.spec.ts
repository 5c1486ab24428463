import { expect } from "chai";
import { Vocabulary } from "../../../services/search/search.vocabulary.ts";
import { alternatives, distance, queryWords, wordsOf } from "../../../services/search/search.words.ts";

describe("search.words", () => {
  it("folds case, diacritics, apostrophes and signs away", () => {
    expect(wordsOf("Café-Crème, JALAPEN\u0303O & Chef's “knife”!")).to.deep.equal([
      "cafe",
      "creme",
      "jalapeno",
      "chefs",
      "knife",
    ]);
    expect(wordsOf('" * ( ) : ^ \u{1F97E}')).to.deep.equal([]);
    expect(wordsOf("ﬁne Ⅳ 漢字")).to.deep.equal(["fine", "iv", "漢字"]);
  });
  it("takes each word once, leaves joining words out, and stops at a dozen", () => {
    expect(queryWords("the map of the world map")).to.deep.equal(["map", "world"]);
    expect(queryWords("the")).to.deep.equal(["the"]);
    expect(queryWords("a b c d e f g h i j k l m n o p")).to.have.length(12);
  });
  it("knows plurals in -ves", () => {
    expect(alternatives("knives")).to.include("knife");
    expect(alternatives("scarves")).to.include("scarf");
  });

  const distances: [string, string, number][] = [
    ["shoes", "shoes", 0],
    ["shoos", "shoes", 1],
    ["runing", "running", 1],
    ["candel", "candle", 1],
    ["telescpoe", "telescope", 1],
    ["bycicle", "bicycle", 2],
    ["abcdef", "uvwxyz", 3],
    ["ab", "abcde", 3],
  ];
  for (const [a, b, edits] of distances) {
    it(`counts ${edits > 2 ? "more than two" : edits} edits from ${a} to ${b}`, () => {
      expect(distance(a, b, 2)).to.equal(edits);
      expect(distance(b, a, 2)).to.equal(edits);
    });
  }
});

describe("search.vocabulary", () => {
  const vocabulary = new Vocabulary();
  vocabulary.add(["candle", "candles", "handle", "lamp", "umbrella"], 2);
  vocabulary.add(["candle"], 10);

  it("allows no edit below four letters, one up to seven, two above", () => {
    expect(vocabulary.closest("lmp")).to.deep.equal([]);
    expect(vocabulary.closest("lammp")).to.deep.equal(["lamp"]);
    expect(vocabulary.closest("llaamp")).to.deep.equal(["lamp"]);
    expect(vocabulary.closest("lumpp")).to.deep.equal([]);
    expect(vocabulary.closest("umbrlela")).to.deep.equal(["umbrella"]);
    expect(vocabulary.closest("umbrrelaa")).to.deep.equal(["umbrella"]);
  });
  it("puts the frequent word with the same first letter first", () => {
    expect(vocabulary.closest("dandle")[0]).to.equal("candle");
    expect(vocabulary.closest("handl")).to.deep.equal(["handle"]);
  });
  it("forgets words that are no longer there, and finds those that came", () => {
    vocabulary.add(["umbrella"], -2);
    expect(vocabulary.closest("umbrlela")).to.deep.equal([]);
    vocabulary.add(["umbrella"], 1);
    expect(vocabulary.closest("umbrlela")).to.deep.equal(["umbrella"]);
  });
});
