import { expect } from "chai";
import { SharedReads } from "../../../services/gateway/gateway.shared.ts";
import { contracts } from "../../../services/contracts.ts";

describe("what guests ask of another node at the same time", () => {
  let now: number;
  let asked: number;
  let here: boolean;
  let shared: SharedReads;
  const products = { name: "search.products", action: contracts.search.actions.products };
  const detail = { name: "products.get", action: contracts.products.actions.get };
  const answer = () => {
    asked++;
    return Promise.resolve({ data: [{ id: asked }] });
  };
  const list = (params = {}) => shared.ask(products, params, answer);

  beforeEach(() => {
    now = 1_000_000;
    asked = 0;
    here = false;
    shared = new SharedReads({ isHere: (actor) => here && actor === "search", now: () => now });
  });

  it("is asked once, while the answer is on its way and for a moment after", async () => {
    const [one, other] = await Promise.all([list({ q: "tea" }), list({ q: "tea" })]);
    now += 299;
    expect(one).to.equal(other);
    expect(await list({ q: "tea" })).to.equal(one);
    expect(asked).to.equal(1);
  });

  it("is asked anew before it is a second old, and for other params", async () => {
    await list({ q: "tea" });
    await list({ q: "teapot" });
    expect(asked).to.equal(2);
    now += 301;
    expect(await list({ q: "tea" })).to.deep.equal({ data: [{ id: 3 }] });
  });

  it("is always asked of an actor in the same process, and where the contract says nothing of it", async () => {
    here = true;
    await list();
    await list();
    here = false;
    await shared.ask(detail, {}, answer);
    await shared.ask(detail, {}, answer);
    expect(asked).to.equal(4);
  });

  it("is asked again after an answer that failed", async () => {
    const failed = () => Promise.reject(new Error("no node"));
    const [one, other] = await Promise.allSettled([
      shared.ask(products, {}, failed),
      shared.ask(products, {}, failed),
    ]);
    expect([one.status, other.status]).to.deep.equal(["rejected", "rejected"]);
    await list();
    expect(asked).to.equal(1);
  });

  it("has rows that are written as text once", async () => {
    const { data } = (await list()) as { data: object[] };
    expect(Object.isFrozen(data[0])).to.equal(true);
  });
});
