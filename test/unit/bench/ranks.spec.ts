import { expect } from "chai";
import { mannWhitney, median } from "../../../bench/ranks.ts";

describe("ranks", () => {
  it("finds the middle of odd and even samples", () => {
    expect([median([3, 1, 2]), median([4, 1, 3, 2])]).to.deep.equal([2, 2.5]);
  });

  it("tells samples apart, and does not where there is nothing to tell", () => {
    const even = Array.from({ length: 100 }, (_, n) => n * 2);
    const odd = Array.from({ length: 100 }, (_, n) => n * 2 + 1);
    expect(mannWhitney(even, odd)).to.be.above(0.8);
    expect(mannWhitney(even, even)).to.be.closeTo(1, 1e-6);
    expect(
      mannWhitney(
        even,
        even.map((value) => value + 40),
      ),
    ).to.be.below(0.001);
    // U = 1, z = 2.40.
    expect(mannWhitney([1, 2, 3, 4, 6], [5, 7, 8, 9, 10])).to.be.closeTo(0.016, 0.001);
  });
});
