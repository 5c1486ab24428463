import { expect } from "chai";
import type { Problem } from "../../contract/http-problem.ts";
import { environment } from "../../moleculer.config.ts";
import { eventually } from "../helpers/eventually.ts";
import { standIns } from "../helpers/stand-ins.ts";
import { startStore, type TestStore } from "../helpers/store.ts";
import { needsServers } from "./cluster-store.ts";
import { startPairServers, startRedis, type PairServers } from "./pair.ts";

const ADDRESS_LIMIT = 250;
const LOGIN_LIMIT = 9;
const password = "a long enough pass phrase";

describe("limits over two gateways together", function () {
  this.timeout(60_000);
  let servers: PairServers;
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let pair: TestStore[] = [];
  let addresses = 0;

  before(async function () {
    needsServers(this);
    servers = await startPairServers();
    redis = await startRedis();
    if (redis === undefined && environment()["CI"]) throw new Error("redis-server is not installed.");
  });
  afterEach(async () => {
    await Promise.all(pair.map((store) => store.stop()));
    pair = [];
  });
  after(async () => {
    await redis?.kill();
    await servers?.stop();
  });

  async function start(name: string, env: Record<string, string> = {}): Promise<void> {
    // The stand-in for the catalogue is on both nodes, as if it had a database that they share.
    const shared = {
      ...(await servers.environmentFor(["users"], name)),
      PRODUCTS_DB_URL: "mongodb://127.0.0.1:1/none",
    };
    const node = (NODEID: string): Promise<TestStore> =>
      startStore({
        services: ["gateway", "users"],
        extra: standIns({ "products.categories": () => ({ data: [] }) }),
        env: { ...shared, ...env, NODEID, RATE_LIMITS: "on", TRUSTED_PROXIES: "127.0.0.1" },
      });
    pair = await Promise.all([node("gateway.1"), node("gateway.2")]);
    await eventually(() =>
      pair.every(({ broker }) => new Set(broker.registry.getNodeList({ onlyAvailable: true })).size === 2),
    );
  }
  const at = (n: number): TestStore => pair[n % pair.length] as TestStore;
  const fresh = () => ({ headers: { "x-forwarded-for": `203.0.113.${++addresses}` } });

  /** How many of `times` requests pass, sent to both gateways in turn. */
  async function passes(times: number, ask: (n: number) => Promise<{ status: number }>): Promise<number> {
    let passed = 0;
    for (let n = 0; n < times; n++) if ((await ask(n)).status !== 429) passed++;
    return passed;
  }
  async function wrongLogins(times: number): Promise<number> {
    const email = `limited${++addresses}@example.org`;
    const made = await at(0).http.post("auth/register", { email, password, name: "Ann" }, fresh());
    expect(made.status).to.equal(201);
    return passes(times, (n) =>
      at(n).http.post<Problem>("auth/login", { email, password: "wrong" }, fresh()),
    );
  }
  const fromOneAddress = (times: number): Promise<number> => {
    const address = fresh();
    return passes(times, (n) => at(n).http.get("categories", address));
  };

  it("hold exactly where Redis counts", async function () {
    if (redis === undefined) return this.skip();
    await start("limits_redis", { REDIS_URL: redis.url });
    // Until both are connected, each counts by itself.
    await eventually(async () => {
      const address = fresh();
      await at(0).http.get("categories", address);
      const { headers } = await at(1).http.get("categories", address);
      return headers.get("ratelimit")?.includes(`r=${ADDRESS_LIMIT - 2};`) === true;
    });
    expect(await fromOneAddress(ADDRESS_LIMIT + 20)).to.equal(ADDRESS_LIMIT);
    expect(await wrongLogins(LOGIN_LIMIT + 5)).to.equal(LOGIN_LIMIT);
  });

  it("hold without Redis, where each gateway has its share", async () => {
    await start("limits_shares");
    expect(await fromOneAddress(ADDRESS_LIMIT + 20)).to.equal(ADDRESS_LIMIT);
    expect(await wrongLogins(LOGIN_LIMIT + 5)).to.be.within(LOGIN_LIMIT - 1, LOGIN_LIMIT);
  });

  it("give the whole limit to the gateway that is left when the other one ends", async () => {
    await start("limits_left");
    await (pair.pop() as TestStore).stop();
    await eventually(() => at(0).broker.registry.getNodeList({ onlyAvailable: true }).length === 1);
    expect(await fromOneAddress(ADDRESS_LIMIT + 20)).to.equal(ADDRESS_LIMIT);
  });
});
