import { expect } from "chai";
import type { ActionMap } from "../../../services/contracts.ts";
import { eventually } from "../../helpers/eventually.ts";
import { startGateway, type TestGateway } from "../../helpers/gateway.ts";
import { startStore, type TestStore } from "../../helpers/store.ts";
import { standIns } from "../../helpers/stand-ins.ts";

type TraceView = ActionMap["metrics.trace"]["returns"];
const secret = "an app secret of enough characters";

/** A gateway on one node; the catalogue and the kept traces on another. Nothing is sampled. */
describe("kept traces of two nodes", function () {
  this.timeout(30_000);
  let gateway: TestGateway;
  let other: TestStore;
  let answer: () => Promise<{ data: [] }>;

  before(async () => {
    const env = {
      TRANSPORTER: "fake://traces",
      NAMESPACE: "kept-traces",
      TRACING_SAMPLE: "0",
      TRACING_SLOW_MS: "150",
      APP_SECRET: secret,
      JWT_KEYS: keys,
    };
    gateway = await startGateway({}, { env: { ...env, NODEID: "gateway.1" } });
    other = await startStore({
      services: ["metrics"],
      env: { ...env, NODEID: "catalogue.1" },
      extra: standIns({ "products.categories": () => answer() }),
    });
    await Promise.all([
      gateway.broker.waitForServices(["products", "metrics"]),
      other.broker.waitForServices(["gateway"]),
    ]);
  });
  after(async () => {
    await gateway?.stop();
    await other?.stop();
  });

  /** Later than the gateway would answer with what it has. */
  const categories = (headers: Record<string, string> = {}) => {
    gateway.clock.advance(1000);
    return gateway.http.get("categories", { headers });
  };
  const ask = async (): Promise<{ status: number; id: string }> => {
    const { status, headers } = await categories();
    return { status, id: headers.get("x-request-id") ?? "" };
  };
  const open = (id: string) =>
    gateway.http.get<TraceView>(`admin/traces/${id}`, { token: gateway.tokenOf("admin") });
  const shown = (id: string, spans: number) =>
    eventually(async () => {
      const { status, body } = await open(id);
      return status === 200 && body.spans.length >= spans ? body : undefined;
    }, 5000);

  it("have the spans of both nodes when a request fails, found by the id that its answer shows", async () => {
    answer = () => Promise.reject(new TypeError("the shelf of canary@example.org fell down"));
    const { status, id } = await ask();
    expect(status).to.equal(500);
    const trace = await shown(id, 3);
    expect(trace).to.include({ requestId: id, reason: "error", status: 500, name: "GET /categories" });
    expect(trace.spans.map(({ kind, node }) => [kind, node])).to.deep.equal([
      ["request", "gateway.1"],
      ["call", "gateway.1"],
      ["action", "catalogue.1"],
    ]);
    expect(trace.spans.map(({ error }) => error)).to.deep.equal(["TypeError", "TypeError", "TypeError"]);
    expect(JSON.stringify(trace)).not.to.include("canary");
  });

  it("have each try of a call that was made again", async () => {
    const gone = Object.assign(new Error("not now"), {
      type: "SERVICE_NOT_AVAILABLE",
      code: 503,
      retryable: true,
    });
    answer = () => Promise.reject(gone);
    const { status, id } = await ask();
    expect(status).to.be.within(503, 504);
    // The other node's spans come later than the gateway's own.
    const tries = await eventually(async () => {
      const found = (await shown(id, 5)).spans.filter(({ kind }) => kind === "action");
      return found.length > 1 ? found : undefined;
    });
    expect(tries.map(({ error }) => error)).to.include("SERVICE_NOT_AVAILABLE");
  }).timeout(20_000);

  it("tell a slow request too, and none that went well", async () => {
    answer = () => Promise.resolve({ data: [] });
    const well = await ask();
    answer = () => new Promise((done) => setTimeout(() => done({ data: [] }), 200));
    const slow = await ask();
    expect([well.status, slow.status]).to.deep.equal([200, 200]);
    expect(await shown(slow.id, 3)).to.include({ reason: "slow", status: 200 });
    expect((await open(well.id)).status).to.equal(404);
  });

  it("tell what was refused, and can be listed by the reason, newest first", async () => {
    const refused = await gateway.http.get("products/nothing?currency=nonsense");
    expect(refused.status).to.equal(422);
    await shown(refused.headers.get("x-request-id") ?? "", 1);
    const list = (query: string) =>
      gateway.http.get<ActionMap["metrics.traces"]["returns"]>(`admin/traces?${query}`, {
        token: gateway.tokenOf("admin"),
      });
    const { body } = await list("reason=refused&limit=1");
    expect(body.data.map(({ reason }) => reason)).to.deep.equal(["refused"]);
    const first = (await list("limit=2")).body;
    const second = (await list(`limit=2&cursor=${first.page.next}`)).body;
    const times = [...first.data, ...second.data].map(({ at }) => at);
    expect(times).to.have.lengthOf.at.least(3);
    expect(times).to.deep.equal([...times].sort().reverse());
  });

  it("ignore a traceparent that is none", async () => {
    // Another test made the breaker open; a call that goes well closes it.
    answer = () => Promise.resolve({ data: [] });
    await eventually(async () => (await ask()).status === 200, 10_000);
    answer = () => Promise.reject(new Error("no"));
    for (const traceparent of [`00-${"0".repeat(32)}-b7ad6b7169203331-01`, "ff-nonsense", "x".repeat(55)]) {
      const { status, headers } = await categories({ traceparent });
      expect(status).to.equal(500);
      const trace = await shown(headers.get("x-request-id") ?? "", 3);
      expect(trace.spans[0]?.parentId).to.equal(null);
      expect(trace.traceId).not.to.equal("0".repeat(32));
    }
  });
});

const keys = JSON.stringify({
  keys: [
    {
      kid: "test",
      kty: "EC",
      crv: "P-256",
      x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
      y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
      d: "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
    },
  ],
});
