import { expect } from "chai";
import { request } from "node:http";
import { Readable } from "node:stream";
import type { Readiness } from "../../../services/gateway/gateway.health.ts";
import { version } from "../../../contract/version.ts";
import { eventually } from "../../helpers/eventually.ts";
import { startGateway, type TestGateway } from "../../helpers/gateway.ts";

const id = "01890000-0000-7000-8000-000000000001";
const jobs = { queued: 1, pending: 2, parked: 3, oldestSeconds: 4 };
const others = [
  "products",
  "inventory",
  "carts",
  "orders",
  "payments",
  "notifications",
  "webhooks",
  "audit",
] as const;
const parkedRow = {
  id: "p1",
  event: "orders.confirmed",
  subscriber: "notifications",
  entity: id,
  attempts: 9,
  error: "no",
  at: "2026-01-01T00:00:00.000Z",
};

describe("gateway.health", () => {
  let store: TestGateway;
  let searchIsReady: boolean;
  let release: () => void;

  beforeEach(async () => {
    searchIsReady = true;
    const waiting = new Promise<void>((resolve) => (release = resolve));
    const extra = others.map((name) => ({
      name,
      actions: {
        jobs: () => jobs,
        parked: () => ({ data: name === "orders" ? [parkedRow] : [] }),
        resend: (ctx: { params: { id: string } }) => ({ resent: ctx.params.id === "p1" }),
        ...(name === "products" && {
          categories: {
            async handler() {
              await waiting;
              return { data: [] };
            },
          },
        }),
        ...(name === "orders" && { stream: () => new Readable({ read: () => undefined }) }),
      },
    }));
    const status = () => ({
      ready: searchIsReady,
      products: 5,
      builtAt: null,
      age: 1,
      bytes: 2,
      building: null,
    });
    store = await startGateway({ "search.status": status }, { extra });
  });
  afterEach(async () => {
    release();
    await store.stop();
  });

  const ready = () => store.http.get<Readiness & { status: string }>("/health/ready");

  it("is ready when every actor answers and the index is built", async () => {
    const { status, body } = await ready();
    expect(status).to.equal(200);
    expect(body.checks.orders).to.equal("ok");
    expect(Object.keys(body.checks)).to.have.lengthOf(10);
  });

  it("names what is missing or not ready, and looks again after a second", async () => {
    searchIsReady = false;
    await store.broker.destroyService("carts");
    const { status, body, headers } = await ready();
    expect(status).to.equal(503);
    expect(headers.get("retry-after")).to.equal("1");
    expect(body.checks.search).to.equal("index is not built yet");
    expect(body.checks.carts).to.equal("missing");
    searchIsReady = true;
    expect((await ready()).body.checks.search).to.equal("index is not built yet");
    store.clock.advance(1000);
    expect((await ready()).body.checks.search).to.equal("ok");
  });

  it("goes on without those whose work can wait, and says since when they are away", async () => {
    const began = store.clock.now();
    await store.broker.destroyService("audit");
    const first = await ready();
    expect(first.status).to.equal(200);
    expect(first.body.status).to.equal("degraded");
    const [audit] = first.body.degraded;
    expect(audit).to.include({ name: "audit", state: "missing" });
    expect(Date.parse(audit!.since)).to.be.at.least(began);
    store.clock.advance(60_000);
    expect((await ready()).body.degraded).to.deep.equal([audit]);
  });

  it("has started once it was ready, also while others are away later", async () => {
    searchIsReady = false;
    expect((await store.http.get("/health/startup")).status).to.equal(503);
    searchIsReady = true;
    store.clock.advance(1000);
    expect((await store.http.get("/health/startup")).status).to.equal(200);
    await store.broker.destroyService("carts");
    store.clock.advance(1000);
    expect((await store.http.get("/health/startup")).status).to.equal(200);
  });

  it("stays ready while another node's actor is away, and unready while one of its own does not work", async () => {
    expect((await ready()).status).to.equal(200);
    await store.broker.destroyService("carts");
    store.clock.advance(1000);
    const { status, body } = await ready();
    expect([status, body.status, body.checks.carts]).to.deep.equal([200, "degraded", "missing"]);
    searchIsReady = false;
    store.clock.advance(1000);
    expect((await ready()).status).to.equal(503);
  });

  it("is not ready once draining, but goes on answering, each answer the last of its connection", async () => {
    await store.broker.call("gateway.drain");
    expect((await ready()).status).to.equal(503);
    const live = await store.http.get("/health/live");
    expect(live.status).to.equal(200);
    const answer = await store.http.get("nope");
    expect(answer.status).to.equal(404);
    expect(answer.headers.get("connection")).to.equal("close");
  });

  it("finishes what runs when it stops, and ends live streams", async () => {
    const answer = store.http.get("categories");
    const stream = new Promise<string>((resolve, reject) => {
      const ask = request(`${store.url}/api/v1/orders/${id}/stream`, (res) => {
        res.resume();
        res.on("end", () => resolve("end")).on("error", () => resolve("cut"));
      });
      ask.on("error", reject).end();
    });
    const gateway = store.broker.getLocalService("gateway") as unknown as { streams: Set<unknown> };
    await eventually(() => gateway.streams.size === 1);
    const stopped = store.broker.stop();
    release();
    expect((await answer).status).to.equal(200);
    expect(await stream).to.be.oneOf(["end", "cut"]);
    await stopped;
  });

  it("shows nodes, queues and the index, and leaves out who does not answer", async () => {
    await store.broker.destroyService("audit");
    const token = store.tokenOf("admin");
    const { status, body } = await store.http.get<{
      nodes: { services: string[]; version: string; uptime: number; latency: number }[];
      queues: object[];
      search: object;
    }>("admin/cluster", { token });
    expect(status).to.equal(200);
    expect(body.nodes[0]?.services).to.include.members(["gateway", "orders"]);
    expect(body.nodes[0]).to.include({ version, latency: 0 });
    expect(body.nodes[0]?.uptime).to.be.within(0, 120);
    expect(body.queues).to.deep.include({ actor: "orders", ...jobs });
    expect(body.queues.map((queue) => (queue as { actor: string }).actor)).to.not.include("audit");
    expect(body.search).to.deep.equal({ ready: true, products: 5, builtAt: null, age: 1, bytes: 2 });
  });

  it("lists what was parked anywhere and sends it again", async () => {
    const token = store.tokenOf("admin");
    const { body } = await store.http.get("admin/parked", { token });
    expect(body).to.deep.equal({ data: [{ actor: "orders", ...parkedRow }] });
    const again = await store.http.post("admin/parked/orders/p1/resend", {}, { token });
    expect(again.body).to.deep.equal({ resent: true });
    expect((await store.http.post("admin/parked/nobody/p1/resend", {}, { token })).status).to.equal(404);
    expect((await store.http.post("admin/parked/gateway/p1/resend", {}, { token })).status).to.equal(404);
  });
});
