import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { eventually } from "../../helpers/eventually.ts";
import { anOrder, place } from "../../helpers/shop.ts";
import { freePort, startStore, type TestStore } from "../../helpers/store.ts";
import { scrape } from "./scrape.ts";

const deploy = join(import.meta.dirname, "../../../deploy");
const dashboards = join(deploy, "grafana/dashboards");

/** The metrics that a rule or a dashboard asks for. */
const askedFor = (text: string): string[] => text.match(/\b(valence|moleculer|process)_\w+/g) ?? [];
const shown = (page: string): string[] => page.match(/^[a-z]\w+/gm) ?? [];

describe("alerts and dashboards", () => {
  let store: TestStore;
  let port: number;

  before(async function () {
    this.timeout(40_000);
    port = await freePort();
    store = await startStore({ seed: true, env: { METRICS_PORT: String(port) } });
    const sku = await eventually(async () => {
      const { data } = await store.call("search.products", { currency: "GBP", inStock: true, limit: 1 });
      return data[0]?.variants.find(({ available }) => available > 0)?.sku;
    }, 15_000);
    await store.call("carts.create", {});
    await place(store, anOrder([{ sku, quantity: 1 }]));
    await place(store, anOrder([{ sku, quantity: 100_000 }])).catch(() => undefined);
  });
  after(() => store.stop());

  it("ask only for metrics that the store shows", async () => {
    const files = readdirSync(dashboards).map((name) => join(dashboards, name));
    const texts = [...files, join(deploy, "prometheus/alerts.yml")].map((file) => readFileSync(file, "utf8"));
    const wanted = new Set(texts.flatMap(askedFor));
    expect(wanted.size).to.be.greaterThan(20);
    await eventually(async () => {
      const pages = await Promise.all([scrape(port), scrape(port, "/cluster")]);
      const there = new Set(pages.flatMap(shown));
      const missing = [...wanted].filter((name) => !there.has(name));
      if (missing.length > 0) throw new Error(`not shown: ${missing.join(", ")}`);
      return true;
    }, 15_000);
  }).timeout(20_000);
});
