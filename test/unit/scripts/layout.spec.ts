import { expect } from "chai";
import { planNodes, type Layout } from "../../../scripts/cluster/layout.ts";
import { allServices } from "../../../scripts/load-services.ts";

describe("the nodes of a cluster", () => {
  const actors = allServices().filter((name) => name !== "gateway");
  const plan = (layout: Layout) => planNodes(allServices(), { gateways: 1, each: 1, ...layout });
  const idsOf = (layout: Layout) => plan(layout).map(({ id }) => id);

  for (const split of ["groups", "apart", "together"] as const) {
    it(`run every actor once beside the gateway (${split})`, () => {
      const services = plan({ split }).flatMap((node) => node.services);
      expect([...services].sort()).to.deep.equal(["gateway", ...actors].sort());
    });
  }

  it("are one of each group, of each actor, or one alone", () => {
    expect(idsOf({})).to.deep.equal(["catalogue.1", "checkout.1", "people.1", "gateway.1"]);
    expect(idsOf({ split: "apart" })).to.have.length(actors.length + 1);
    expect(idsOf({ split: "together" })).to.deep.equal(["worker.1", "gateway.1"]);
  });

  it("are single where a database is embedded, and two else", () => {
    expect(idsOf({ each: 2, single: ["products"] })).to.deep.equal([
      "catalogue.1",
      ...["checkout.1", "checkout.2", "people.1", "people.2", "gateway.1"],
    ]);
  });
});
