import { expect } from "chai";
import type { ActionMap } from "../../../services/contracts.ts";
import { eventually } from "../../helpers/eventually.ts";
import { anOrder, freshKey } from "../../helpers/shop.ts";
import { inStock } from "../../helpers/in-stock.ts";
import { startStore, type TestStore } from "../../helpers/store.ts";
import { admin, receiver, type Receiver } from "../webhooks/receiver.ts";
import { collector } from "./collector.ts";

type TraceView = ActionMap["metrics.trace"]["returns"];
type Placed = ActionMap["orders.place"]["returns"];

const traceId = "0af7651916cd43dd8448eb211c80319c";
const caller = "b7ad6b7169203331";

describe("the trace of a checkout", function () {
  this.timeout(60_000);
  let store: TestStore;
  let hook: Receiver;
  let server: Awaited<ReturnType<typeof collector>>;
  let token: string;
  let requestId: string;
  let trace: TraceView;

  before(async () => {
    [hook, server] = await Promise.all([receiver(), collector()]);
    store = await startStore({
      seed: true,
      env: {
        TRACING_SAMPLE: "1",
        WEBHOOK_ALLOW_PRIVATE: "on",
        OTEL_EXPORTER_OTLP_ENDPOINT: server.url,
        OTEL_EXPORTER_OTLP_HEADERS: "authorization=Basic%20canary",
        ZIPKIN_URL: server.url,
      },
    });
    await store.call(
      "webhooks.createEndpoint",
      { url: hook.url, types: ["orders.confirmed"] },
      { meta: admin },
    );
    const login = { email: "admin@valence.local", password: "correct horse battery" };
    token = (await store.http.post<ActionMap["users.login"]["returns"]>("auth/login", login)).body
      .accessToken;
    const { sku } = await inStock(store);
    const order = anOrder([{ sku, quantity: 1 }], { email: "canary@example.org" });
    const headers = { traceparent: `00-${traceId}-${caller}-00` };
    const placed = await store.http.post<Placed>("orders", order, { key: freshKey(), headers });
    expect(placed.status).to.equal(201);
    requestId = placed.headers.get("x-request-id") ?? "";
    trace = await eventually(async () => {
      const { status, body } = await open(requestId);
      return status === 200 && body.spans.some(({ kind }) => kind === "webhook") ? body : undefined;
    }, 10_000);
  });
  after(async () => {
    await store.stop();
    await Promise.all([hook.close(), server.close()]);
  });

  const open = (id: string, as = token) => store.http.get<TraceView>(`admin/traces/${id}`, { token: as });
  const spansOf = (kind: string) => trace.spans.filter((span) => span.kind === kind);

  it("goes on with the caller's, from the request through actors, SQL, outbox and inbox to the webhook", () => {
    expect(trace.traceId).to.equal(traceId);
    const [request] = spansOf("request");
    expect(request).to.include({ name: "POST /orders", parentId: caller, start: 0, actor: "gateway" });
    expect(request?.tags["http.response.status_code"]).to.equal(201);
    const actions = spansOf("action").map(({ name }) => name);
    expect(actions).to.include.members([
      "orders.place",
      "products.resolve",
      "inventory.reserve",
      "payments.authorize",
    ]);
    expect(spansOf("sql").map(({ actor }) => actor)).to.include.members(["orders", "inventory", "payments"]);
    const transactions = spansOf("sql").filter(({ name }) => name.startsWith("transaction"));
    expect(transactions.map(({ tags }) => Number(tags["batch"]) >= 1))
      .to.include(true)
      .and.not.include(false);
    expect(spansOf("outbox").map(({ name }) => name)).to.include("orders.confirmed to webhooks");
    expect(spansOf("inbox").map(({ actor }) => actor)).to.include.members(["webhooks", "notifications"]);
  });

  it("is one tree: every span hangs below another of the same trace", () => {
    const ids = new Set(trace.spans.map(({ id }) => id));
    const strays = trace.spans.filter(({ parentId }) => parentId !== caller && !ids.has(parentId ?? ""));
    expect(strays.map(({ name }) => name)).to.deep.equal([]);
    const parentOf = (span: { parentId: string | null }) =>
      trace.spans.find(({ id }) => id === span.parentId);
    const webhook = spansOf("webhook")[0]!;
    const names: string[] = [];
    for (let at = parentOf(webhook); at !== undefined; at = parentOf(at)) names.push(at.name);
    expect(names.slice(0, 3)).to.deep.equal([
      "orders.confirmed",
      "orders.confirmed to webhooks",
      "transaction advance",
    ]);
    expect(names.at(-1)).to.equal("POST /orders");
  });

  it("is handed on to the integrator's server", () => {
    expect(hook.got[0]?.headers["traceparent"]).to.match(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
  });

  it("reaches an OpenTelemetry collector and a Zipkin server as the same spans", async () => {
    const wanted = trace.spans.length;
    const seen = await eventually(() => {
      const otlp = server.posted
        .filter(({ path }) => path === "/v1/traces")
        .flatMap(({ body }) => (body as OtlpBody).resourceSpans)
        .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
        .filter((span) => span.traceId === traceId);
      const zipkin = server.posted
        .filter(({ path }) => path === "/api/v2/spans")
        .flatMap(({ body }) => body as { traceId: string; id: string }[])
        .filter((span) => span.traceId === traceId);
      return otlp.length >= wanted && zipkin.length >= wanted ? { otlp, zipkin } : undefined;
    }, 10_000);
    const ids = new Set(trace.spans.map(({ id }) => id));
    expect(seen.otlp.filter(({ spanId }) => ids.has(spanId))).to.have.lengthOf(wanted);
    expect(seen.zipkin.filter(({ id }) => ids.has(id))).to.have.lengthOf(wanted);
    const request = seen.otlp.find(({ name }) => name === "POST /orders")!;
    expect(request).to.include({ parentSpanId: caller, kind: 2 });
    expect(BigInt(request.endTimeUnixNano) >= BigInt(request.startTimeUnixNano)).to.equal(true);
    const post = server.posted.find(({ path }) => path === "/v1/traces");
    expect(post?.headers["authorization"]).to.equal("Basic canary");
  }).timeout(15_000);

  it("holds no address, e-mail, token, secret or key of anybody", async () => {
    const wrong = { email: "canary@example.org", password: "canary-password" };
    await store.http.post("auth/login", wrong);
    await store.http.get("me", { token: "canary.jwt.token" });
    await store.http.get(`admin/users?q=canary@example.org`, { token });
    await store.http.get("carts/canary-cart", { headers: { "x-cart-secret": "canary-secret" } });
    const page = await eventually(async () => {
      const { body } = await store.http.get<ActionMap["metrics.traces"]["returns"]>("admin/traces", {
        token,
      });
      return body.data.some(({ name }) => name === "GET /carts/:id") ? body : undefined;
    });
    const all = await Promise.all(page.data.map(async ({ requestId: id }) => (await open(id)).body));
    const told = JSON.stringify([page, all, trace, server.posted.map(({ body }) => body)]);
    for (const secret of ["canary", "Lovelace", "St James", "SW1Y", "tok_visa", "correct horse", token])
      expect(told.includes(secret), secret).to.equal(false);
  });

  it("is shown to administrators alone", async () => {
    expect((await store.http.get(`admin/traces/${requestId}`)).status).to.equal(401);
    const person = { email: "ada@example.org", password: "a long enough password", name: "Ada" };
    expect((await store.http.post("auth/register", person)).status).to.equal(201);
    const { email, password } = person;
    const login = await store.http.post<ActionMap["users.login"]["returns"]>("auth/login", {
      email,
      password,
    });
    expect(login.status).to.equal(200);
    expect((await open(requestId, login.body.accessToken)).status).to.equal(403);
    expect((await open("no-such-request")).status).to.equal(404);
  });
});

interface OtlpBody {
  resourceSpans: {
    scopeSpans: {
      spans: {
        traceId: string;
        spanId: string;
        parentSpanId?: string;
        name: string;
        kind: number;
        startTimeUnixNano: string;
        endTimeUnixNano: string;
      }[];
    }[];
  }[];
}
