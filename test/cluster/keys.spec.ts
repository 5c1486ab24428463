import { expect } from "chai";
import { eventually } from "../helpers/eventually.ts";
import { startStore, type TestStore } from "../helpers/store.ts";
import { needsServers } from "./cluster-store.ts";
import { startPairServers, type PairServers } from "./pair.ts";

const admin = { email: "admin@valence.local", password: "correct horse battery" };
const LIMIT_MS = 1000;
/** Milliseconds that a look at both may take on a busy machine. */
const LOOK_MS = 500;

describe("an API key over two gateways", function () {
  this.timeout(60_000);
  let servers: PairServers;
  let pair: TestStore[] = [];
  let token: string;

  before(async function () {
    needsServers(this);
    servers = await startPairServers();
    const env = await servers.environmentFor(["users"], "keys");
    const node = (NODEID: string) => startStore({ services: ["gateway", "users"], env: { ...env, NODEID } });
    pair = [await node("gateway.1"), await node("gateway.2")];
    await eventually(() =>
      pair.every(({ broker }) => new Set(broker.registry.getNodeList({ onlyAvailable: true })).size === 2),
    );
    token = (await at(0).http.post<{ accessToken: string }>("auth/login", admin)).body.accessToken;
  });
  after(async () => {
    await Promise.all(pair.map((store) => store.stop()));
    await servers?.stop();
  });

  const at = (n: number): TestStore => pair[n] as TestStore;
  const asks = async (key: string, n: number): Promise<number> =>
    (await at(n).http.get("admin/users?limit=1", { token: key })).status;
  const make = async () =>
    (
      await at(0).http.post<{ id: string; key: string }>(
        "api-keys",
        { name: "Robot", scopes: ["customers:read"] },
        { token },
      )
    ).body;
  /** Milliseconds until no gateway lets the key in. */
  async function untilDead(key: string, since: number): Promise<number> {
    await eventually(async () => (await asks(key, 0)) === 401 && (await asks(key, 1)) === 401);
    return performance.now() - since;
  }

  it("is dead at both within a second once it is revoked at one", async () => {
    const { id, key } = await make();
    expect([await asks(key, 0), await asks(key, 1)]).to.deep.equal([200, 200]);
    const since = performance.now();
    expect((await at(1).http.request("DELETE", `api-keys/${id}`, { token })).status).to.equal(204);
    expect(await untilDead(key, since)).to.be.below(LIMIT_MS + LOOK_MS);
  });

  it("is dead within a second also where the news of it is lost", async () => {
    const { id, key } = await make();
    const { broker } = at(1);
    const gateway = broker.getLocalService("gateway") as unknown as {
      runtime: { identities: { forgetKey(id: string): void } };
    };
    const { identities } = gateway.runtime;
    const heard: string[] = [];
    identities.forgetKey = (lost) => void heard.push(lost);
    expect([await asks(key, 0), await asks(key, 1)]).to.deep.equal([200, 200]);
    const since = performance.now();
    expect((await at(0).http.request("DELETE", `api-keys/${id}`, { token })).status).to.equal(204);
    expect(await untilDead(key, since)).to.be.below(LIMIT_MS + LOOK_MS);
    expect(heard).to.deep.equal([id]);
  });
});
