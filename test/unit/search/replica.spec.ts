import { expect } from "chai";
import { Replica } from "../../../services/search/search.replica.ts";
import { Sources } from "../../integration/search/sources.ts";
import { callerOf } from "./caller.ts";

const OVERLAP_MS = 3000;

interface Page {
  data: { id: string }[];
}

describe("a replica that follows the catalogue without an event", () => {
  let sources: Sources;
  let replica: Replica;
  let now: number;
  let read: string[];

  /** What it read in its next look, so many milliseconds later. */
  const look = async (later: number): Promise<string[]> => {
    now += later;
    read = [];
    await replica.followNewProducts(OVERLAP_MS);
    return read;
  };

  beforeEach(async () => {
    sources = new Sources();
    now = 0;
    read = [];
    for (let n = 0; n < 600; n++) sources.add();
    const caller = callerOf(sources, (name, answer) => {
      if (name === "products.changes") read.push(...(answer as Page).data.map(({ id }) => id));
    });
    replica = new Replica(caller, () => now);
    await replica.build(() => undefined);
  });
  afterEach(() => replica.close());

  it("reads the last seconds of an import again while something may still come late, and then no more", async () => {
    expect(await look(5000)).to.have.length(600);
    expect(await look(1000)).to.have.length(600);
    expect(await look(5000)).to.deep.equal([]);
    expect(await look(5000)).to.deep.equal([]);
  });

  it("reads nothing but the new one of a settled catalogue, and then its seconds again", async () => {
    await look(6000);
    const { id } = sources.add();
    expect(await look(5000)).to.deep.equal([id]);
    expect(await look(5000)).to.have.length(601);
    expect(await look(5000)).to.have.length(601);
    expect(await look(5000)).to.deep.equal([]);
  });

  it("reads again the seconds before one that an event brought", async () => {
    await look(6000);
    sources.add();
    now += 5000;
    await replica.followProducts(0);
    const late = sources.add({ updatedAt: "2025-12-31T23:59:59.000Z" });
    expect(await look(1000)).to.include(late.id);
  });

  it("takes in what comes late, with an older time than the newest", async () => {
    await look(5000);
    const late = sources.add({ updatedAt: "2025-12-31T23:59:59.000Z" });
    expect(await look(900)).to.include(late.id);
    expect(replica.index.size).to.equal(601);
  });

  it("reads one of two with the same time that came after the other", async () => {
    const first = sources.add();
    await look(1);
    await look(6000);
    const second = sources.add({ updatedAt: first.updatedAt });
    expect(await look(5000)).to.include(second.id);
  });
});
