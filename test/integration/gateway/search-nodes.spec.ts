import { expect } from "chai";
import { makeJwtKeys, makeSecret } from "../../../config/kept.ts";
import { unavailable } from "../../../contract/errors.ts";
import type { Readiness } from "../../../services/gateway/gateway.health.ts";
import { eventually } from "../../helpers/eventually.ts";
import { standIns } from "../../helpers/stand-ins.ts";
import { startStore, type TestStore } from "../../helpers/store.ts";

const status = { products: 5, builtAt: null, age: 1, bytes: 2, building: null };
const page = { data: [], page: { next: null }, total: 0 };

/** A search node of a cluster; the one that has just started has no index yet. */
const searchNode = (built: boolean) =>
  standIns({
    "search.status": () => ({ ready: built, ...status }),
    "search.products": () => {
      if (!built) throw unavailable("SEARCH_NOT_READY", "The search index is being built.");
      return page;
    },
  });

const others = ["products", "inventory", "carts", "orders", "payments", "users"] as const;

describe("a gateway before two search nodes, one of them just started", () => {
  const shared = { APP_SECRET: makeSecret(), JWT_KEYS: makeJwtKeys(), TRANSPORTER: "fake://search-nodes" };
  let gateway: TestStore;
  let nodes: TestStore[];

  before(async () => {
    const node = (NODEID: string, extra: ReturnType<typeof standIns>) =>
      startStore({ services: [], extra, env: { ...shared, NODEID } });
    const jobs = () => ({ queued: 0, pending: 0, parked: 0, oldestSeconds: 0 });
    nodes = [
      await node("search-new", searchNode(false)),
      await node("search-old", searchNode(true)),
      await node(
        "rest",
        others.map((name) => ({ name, actions: { jobs } })),
      ),
    ];
    gateway = await startStore({ services: ["gateway"], env: { ...shared, NODEID: "gateway-1" } });
    await gateway.broker.waitForServices(["search", ...others]);
    const offers = () => gateway.broker.registry.getServiceList({ onlyAvailable: true });
    await eventually(() => offers().filter(({ name }) => String(name) === "search").length === 2);
  });
  after(async () => {
    await gateway?.stop();
    for (const node of nodes ?? []) await node.stop();
  });

  it("is ready, wherever the question lands", async () => {
    for (let i = 0; i < 4; i++) {
      const { body } = await gateway.http.get<Readiness>("/health/ready");
      expect(body.checks["search"]).to.equal("ok");
      gateway.clock.advance(1000);
    }
  });

  it("shows how far each node is away, and since when it runs", async () => {
    const { nodes: shown } = await gateway.call("gateway.cluster", {});
    expect(shown.map(({ id }) => id)).to.have.members(["gateway-1", "search-new", "search-old", "rest"]);
    for (const { id, latency, uptime } of shown) {
      expect(latency, id).to.be.within(0, 1000);
      expect(uptime, id).to.be.within(0, 120);
    }
  });

  it("answers every list from the one that has its index", async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => gateway.http.get(`products?limit=${i + 1}`)),
    );
    expect(answers.map((answer) => answer.status)).to.deep.equal(Array.from({ length: 8 }, () => 200));
  });
});
