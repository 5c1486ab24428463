import { existsSync } from "node:fs";
import { expect } from "chai";
import { makeJwtKeys } from "../../../config/kept.ts";
import { startGateway, type TestGateway } from "../../helpers/gateway.ts";
import { standIns } from "../../helpers/stand-ins.ts";
import { startStore, type TestStore } from "../../helpers/store.ts";

const built = new URL("../../../public/dist-server/render.js", import.meta.url);

/** A gateway on one node, the catalogue on another. */
describe("a list of another node", function () {
  this.timeout(30_000);
  let gateway: TestGateway;
  let other: TestStore;
  let asked = 0;

  before(async () => {
    const env = {
      TRANSPORTER: "fake://shared",
      NAMESPACE: "shared-reads",
      JWT_KEYS: makeJwtKeys(),
      APP_SECRET: "an app secret of enough characters",
    };
    gateway = await startGateway({}, { env: { ...env, NODEID: "gateway.1" } });
    const answers = {
      "products.categories": () => {
        asked++;
        return { data: [] };
      },
    };
    other = await startStore({
      services: [],
      env: { ...env, NODEID: "catalogue.1" },
      extra: standIns(answers),
    });
    await gateway.broker.waitForServices(["products"]);
  });
  after(async () => {
    await gateway?.stop();
    await other?.stop();
  });
  beforeEach(() => {
    asked = 0;
    gateway.clock.advance(1000);
  });

  const categories = (token?: string) => gateway.http.get("categories", token === undefined ? {} : { token });

  it("is asked once for all guests of a moment, and anew a moment later", async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => categories()));
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 200, 200, 200]);
    expect(asked).to.equal(1);
    gateway.clock.advance(301);
    await categories();
    expect(asked).to.equal(2);
  });

  it("is asked once for pages that are rendered here, and for the API beside them", async function () {
    if (!existsSync(built)) {
      console.log("      !!! SKIPPED: the pages are not built (npm run build)");
      this.skip();
    }
    const page = async () => (await fetch(`${gateway.url}/`, { headers: { accept: "text/html" } })).text();
    const [first] = await Promise.all([page(), page(), page(), categories()]);
    expect(first).to.include('id="page-data"');
    expect(asked).to.equal(1);
  });

  it("is asked anew for whoever is signed in, who may just have changed it", async () => {
    await categories();
    await categories(gateway.tokenOf("admin"));
    await categories(gateway.tokenOf("customer"));
    expect(asked).to.equal(3);
  });
});
