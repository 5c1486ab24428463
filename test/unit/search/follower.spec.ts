import { expect } from "chai";
import { Follower } from "../../../services/search/search.follower.ts";
import { eventually } from "../../helpers/eventually.ts";

describe("an index whose sources are not there yet", () => {
  it("asks nobody before somebody offers them", async () => {
    let isThere = false;
    let looks = 0;
    let calls = 0;
    const call = () => {
      calls++;
      return Promise.reject(new Error("asked"));
    };
    const follower = new Follower({
      source: { call },
      hasSource: () => (looks++, isThere),
      now: () => 0,
      onError: () => undefined,
    });
    follower.start();
    await eventually(() => looks > 2);
    expect(calls).to.equal(0);
    isThere = true;
    await eventually(() => calls > 0);
    await follower.stop();
  });
});
