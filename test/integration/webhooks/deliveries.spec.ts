import { expect } from "chai";
import { Webhook } from "standardwebhooks";
import { eventually } from "../../helpers/eventually.ts";
import type { TestStore } from "../../helpers/store.ts";
import { admin, anEvent, feed, receiver, startWebhooks, type Got, type Receiver } from "./receiver.ts";

const day = 24 * 3600_000;

describe("webhooks: deliveries", function () {
  this.timeout(60_000);
  let store: TestStore;
  let hooks: Receiver[];
  beforeEach(async () => {
    store = await startWebhooks();
    hooks = [];
  });
  afterEach(async () => {
    await store.stop();
    await Promise.all(hooks.map((hook) => hook.close()));
  });

  const listen = async (): Promise<Receiver> => {
    const hook = await receiver();
    hooks.push(hook);
    return hook;
  };
  const connect = (url: string, more: object = {}) =>
    store.call("webhooks.createEndpoint", { url, ...more }, { meta: admin });
  const logOf = (id: string) => store.call("webhooks.deliveries", { id });
  const endpoint = (id: string) => store.call("webhooks.endpoint", { id });
  const verify = (secret: string, { body, headers }: Got) => new Webhook(secret).verify(body, headers);

  it("signs by Standard Webhooks: id, time and body (check 43)", async () => {
    const hook = await listen();
    const { id, secret } = await connect(hook.url);
    const event = anEvent();
    await feed(store, [event]);
    const got = await eventually(() => hook.got[0]);
    expect(verify(secret, got)).to.deep.include({
      id: event.id,
      sequence: 1,
      type: event.type,
      data: event.payload,
    });
    expect(got.headers["webhook-id"]).to.equal(event.id);
    const forged = { ...got, body: got.body.replace('"quantity":5', '"quantity":6') };
    expect(() => verify(secret, forged)).to.throw();
    const [row] = await eventually(async () => {
      const { data } = await logOf(id);
      return data[0]?.status === "delivered" ? data : undefined;
    });
    const shown = await store.call("webhooks.delivery", { id, deliveryId: row?.id ?? "" });
    expect(shown.body).to.deep.equal(got.event);
    expect(shown.log).to.have.length(1);
    expect(shown.log[0]).to.deep.include({ status: 204, error: null, url: hook.url });
  });

  it("signs with both secrets for a day after a rotation, then with the new one alone (check 43)", async () => {
    const hook = await listen();
    const old = await connect(hook.url);
    const rotated = await store.call("webhooks.rotateSecret", { id: old.id }, { meta: admin });
    expect(rotated.secret).to.not.equal(old.secret);
    await feed(store, [anEvent()]);
    const both = await eventually(() => hook.got[0]);
    for (const { secret } of [old, rotated]) expect(verify(secret, both)).to.have.property("type");
    store.clock.advance(day + 1000);
    await feed(store, [anEvent()]);
    const later = await eventually(() => hook.got[1]);
    expect(later.headers["webhook-signature"]?.split(" ")).to.have.length(1);
  });

  it("tries again under the same id until it is taken (check 43)", async () => {
    const hook = await listen();
    const { id } = await connect(hook.url);
    hook.answer = (_, res) => res.writeHead(hook.got.length < 3 ? 503 : 200).end("busy");
    const event = anEvent();
    await feed(store, [event]);
    await eventually(async () => (await logOf(id)).data[0]?.status === "delivered");
    expect(hook.got.map(({ headers }) => headers["webhook-id"])).to.deep.equal([
      event.id,
      event.id,
      event.id,
    ]);
    const { data } = await logOf(id);
    const shown = await store.call("webhooks.delivery", { id, deliveryId: data[0]?.id ?? "" });
    expect(shown.log.map(({ status, answer }) => [status, answer])).to.deep.equal([
      [503, "busy"],
      [503, "busy"],
      [200, "busy"],
    ]);
    expect((await endpoint(id)).failingSince).to.equal(null);
  });

  it("holds later events of an entity back, and no other, while one fails", async () => {
    const hook = await listen();
    await connect(hook.url);
    let down = true;
    hook.answer = ({ event }, res) => res.writeHead(down && event.entity === "A" ? 500 : 200).end();
    await feed(store, [
      anEvent({ entity: "A" }),
      anEvent({ entity: "A", version: 2 }),
      anEvent({ entity: "B" }),
    ]);
    await eventually(() => hook.got.some(({ event }) => event.entity === "B"));
    await eventually(() => hook.got.length >= 3);
    expect(hook.got.filter(({ event }) => event.version === 2)).to.have.length(0);
    down = false;
    await eventually(() => hook.got.some(({ event }) => event.version === 2));
  });

  it("lets no slow receiver delay another", async () => {
    const [slow, quick] = [await listen(), await listen()];
    slow.answer = () => undefined;
    await connect(slow.url);
    await connect(quick.url);
    const events = Array.from({ length: 100 }, (_, i) => anEvent({ entity: `SKU-${i}` }));
    await feed(store, events);
    await eventually(() => quick.got.length === 100, 3000);
    expect(slow.got.length).to.be.at.most(16);
  });

  it("sends the chosen types alone", async () => {
    const hook = await listen();
    await connect(hook.url, { types: ["products.changed"] });
    await feed(store, [anEvent(), anEvent({ type: "products.changed" })]);
    const got = await eventually(() => hook.got[0]);
    expect(got.event.type).to.equal("products.changed");
  });

  it("switches an endpoint off that answers 410", async () => {
    const hook = await listen();
    const { id } = await connect(hook.url);
    hook.answer = (_, res) => res.writeHead(410).end();
    await feed(store, [anEvent(), anEvent({ entity: "other" })]);
    await eventually(async () => !(await endpoint(id)).enabled);
    expect(await endpoint(id)).to.deep.include({ disabledReason: "gone" });
    expect((await logOf(id)).data.map(({ status }) => status)).to.deep.equal(["failed", "failed"]);
  });

  it("gives up after three days, and switches the endpoint off", async () => {
    const hook = await listen();
    const { id } = await connect(hook.url);
    hook.answer = (_, res) => res.writeHead(500).end();
    await feed(store, [anEvent()]);
    for (let tries = 1; (await endpoint(id)).enabled; tries++) {
      const most = tries;
      if (most > 20) throw new Error("it never gives up");
      await eventually(async () => {
        const [row] = (await logOf(id)).data;
        return row?.status !== "pending" || row.attempts >= most;
      });
      store.clock.advance(15 * 3600_000);
    }
    expect(await endpoint(id)).to.deep.include({ enabled: false, disabledReason: "failing" });
  });

  it("follows no redirect (check 41)", async () => {
    const [hook, inner] = [await listen(), await listen()];
    const { id } = await connect(hook.url);
    hook.answer = (_, res) => res.writeHead(307, { location: inner.url }).end();
    await feed(store, [anEvent()]);
    const [row] = await eventually(async () => {
      const { data } = await logOf(id);
      return (data[0]?.attempts ?? 0) > 0 ? data : undefined;
    });
    expect(row).to.deep.include({ lastStatus: 307, lastError: "redirects are not followed" });
    expect(inner.got).to.have.length(0);
  });

  it("connects to no private address, whatever was saved and however it is named (check 41)", async () => {
    const hook = await listen();
    const first = await connect(hook.url);
    // A name that anybody may point elsewhere after it was saved.
    const named = await connect(hook.url.replace("127.0.0.1", "localhost"));
    const { dataDir } = store;
    await store.broker.stop();
    store = await startWebhooks({ dataDir, env: {} });
    await feed(store, [anEvent()]);
    for (const { id } of [first, named]) {
      const [row] = await eventually(async () => {
        const { data } = await logOf(id);
        return (data[0]?.attempts ?? 0) > 0 ? data : undefined;
      });
      expect(row?.lastError).to.include("is not a public address");
    }
    expect(hook.got).to.have.length(0);
  });

  it("sends a test, one delivery again, and all since a time", async () => {
    const hook = await listen();
    const { id } = await connect(hook.url);
    await store.call("webhooks.testEndpoint", { id }, { meta: admin });
    expect((await eventually(() => hook.got[0])).event.type).to.equal("webhooks.test");
    const since = new Date(store.clock.now()).toISOString();
    await feed(store, [anEvent({ entity: "A" }), anEvent({ entity: "B" })]);
    await eventually(() => hook.got.length === 3);
    const row = await eventually(async () => {
      const { data } = await logOf(id);
      return data.every(({ status }) => status === "delivered") ? data[0] : undefined;
    });
    await store.call("webhooks.resendDelivery", { id, deliveryId: row.id }, { meta: admin });
    await eventually(() => hook.got.length === 4);
    expect(hook.got[3]?.headers["webhook-id"]).to.equal(row.eventId);
    await eventually(async () => (await logOf(id)).data.every(({ status }) => status === "delivered"));
    expect(await store.call("webhooks.replay", { id, since }, { meta: admin })).to.deep.equal({
      queued: 2,
      next: null,
    });
    await eventually(() => hook.got.length === 6);
  });
});
