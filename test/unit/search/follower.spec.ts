import { expect } from "chai";
import { Follower, usualPace } from "../../../services/search/search.follower.ts";
import { eventually } from "../../helpers/eventually.ts";
import { Sources } from "../../integration/search/sources.ts";
import { callerOf } from "./caller.ts";

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

describe("an index that has followed a quiet catalogue for long", () => {
  it("takes in what an event names and bears an older time than the newest", async () => {
    const sources = new Sources();
    sources.add();
    let now = 0;
    let looks = 0;
    const caller = callerOf(sources, (name) => (looks += Number(name === "products.categories")));
    const follower = new Follower(
      { source: caller, hasSource: () => true, now: () => now, onError: () => undefined },
      { ...usualPace, products: 1 },
    );
    follower.start();
    await eventually(() => follower.replica !== undefined);
    now = 60_000;
    await eventually(() => looks > 4);
    const { id } = sources.add({ updatedAt: "2025-12-31T23:59:59.000Z" });
    follower.touch([id]);
    await eventually(() => follower.replica?.index.size === 2);
    await follower.stop();
  });
});
