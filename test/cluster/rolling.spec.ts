import { expect } from "chai";
import { Client, login } from "../../scripts/lib/client.ts";
import { importCatalogue } from "../../scripts/replay/import.ts";
import { eventually } from "../helpers/eventually.ts";
import { needsServers, startClusterStore, type ClusterStore } from "./cluster-store.ts";
import { startLoad } from "./load.ts";

const REQUESTS = 10_000;
const MINUTES = 60_000;

const articles = Array.from({ length: 12 }, (_, n) => ({
  sku: `ROLL-${n + 1}`,
  name: `Article ${n + 1}`,
  price: 500 + n * 75,
  sold: 100_000,
}));

describe("a rolling restart", function () {
  this.timeout(5 * MINUTES);
  let store: ClusterStore;

  before(async function () {
    needsServers(this);
    store = await startClusterStore();
    const client = new Client(store.url);
    const staff = await login(client, "admin@example.com", "correct horse battery");
    client.close();
    await importCatalogue(store.url, staff, articles, () => undefined);
  });
  after(() => store?.end());

  it(`fails none of ${REQUESTS} requests while every node is stopped and started again in turn`, async () => {
    const load = startLoad(
      store.url,
      articles.map(({ sku }) => sku),
      { withoutKeys: true },
    );
    const codes: (number | null)[] = [];
    try {
      for (const node of store.nodes) {
        codes.push(await node.stop());
        await node.start();
      }
      await eventually(() => expect(load.requests).to.be.above(REQUESTS), 3 * MINUTES);
    } finally {
      const report = await load.stop();
      const { requests, orders, failed, slowest } = report;
      console.log(
        `      ${requests} requests, ${orders} orders, ${failed.length} failed; slowest ${Math.round(slowest)} ms`,
      );
      expect(failed.slice(0, 5)).to.deep.equal([]);
    }
    expect(new Set(codes)).to.deep.equal(new Set([0]));
  });
});
