import { expect } from "chai";
import { callers } from "../../../scripts/fuzz/callers.ts";
import { walk } from "../../../scripts/fuzz/walk.ts";
import { startStore, type TestStore } from "../../helpers/store.ts";

describe("the API's document", function () {
  this.timeout(60_000);
  let store: TestStore;
  before(async () => {
    store = await startStore({ seed: true });
  });
  after(() => store.stop());

  it("tells every answer to good and to broken requests of every route, and no request makes the store fail", async () => {
    const walked = await walk({ url: store.url, requests: 1500, seed: 1, token: callers(store) });
    expect(walked.findings, JSON.stringify(walked.findings.slice(0, 5), null, 1)).to.have.length(0);
    expect(walked.succeeded).to.be.greaterThan(walked.operations * 0.3);
  });
});
