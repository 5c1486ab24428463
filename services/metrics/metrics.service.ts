import { addMetricsPage, type MakePage } from "../../config/metrics-page.ts";
import { implement } from "../../contract/implement.ts";
import { contracts } from "../contracts.ts";
import type { MetricsActor } from "./metrics.actor.ts";
import contract from "./metrics.contract.ts";
import { kept, trace, traces } from "./metrics.trace.ts";
import { KeptTraces } from "./metrics.traces.ts";

/** Where this node's metrics port shows the whole cluster; `/metrics` beside it is the node's own page. */
const path = "/cluster";
/** Milliseconds that a page is kept, so that more scrapers do not ask the actors more often. */
const keepFor = 2000;
/** Actors without queues of their own. */
const without = ["gateway", "search", "metrics"];

/** Loads the libraries only where there is a page: they cost a tenth of a start. */
async function makePages(actor: MetricsActor): Promise<MakePage> {
  const [{ Registry }, { topology }, { shopFigures }] = await Promise.all([
    import("prom-client"),
    import("./metrics.topology.ts"),
    import("./metrics.shop.ts"),
  ]);
  const register = new Registry();
  const actors = Object.keys(contracts).filter((name) => !without.includes(name));
  const parts = [await topology(actor.broker, register), await shopFigures(actor.broker, register, actors)];
  const make = async () => {
    await Promise.all(parts.map((part) => part.refresh()));
    return { type: register.contentType, body: await register.metrics() };
  };
  let kept: { until: number; page: ReturnType<MakePage> } | undefined;
  return () => {
    const now = performance.now();
    if (kept === undefined || kept.until <= now) kept = { until: now + keepFor, page: make() };
    return kept.page;
  };
}

export default implement<typeof contract, MetricsActor>(contract, {
  created() {
    this.traces = new KeptTraces(this.config.dataDir);
  },
  async started() {
    if (this.config.metricsPort === undefined) return;
    this.makePage = await makePages(this);
    this.hidePage = addMetricsPage(this.broker, path, this.makePage);
  },
  stopped() {
    this.hidePage?.();
    this.traces.close();
  },
  actions: {
    kept,
    traces,
    trace,
    keep({ params }) {
      this.traces.keep(params.spans);
      return null;
    },
    page() {
      return this.makePage?.() ?? { type: "text/plain", body: "" };
    },
  },
});
