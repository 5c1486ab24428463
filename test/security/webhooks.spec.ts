import { createHmac } from "node:crypto";
import { expect } from "chai";
import { Webhook } from "standardwebhooks";
import type { Problem } from "../../contract/http-problem.ts";
import { contextOf } from "../../mixins/context.ts";
import type { ActionMap } from "../../services/contracts.ts";
import { signedHeaders } from "../../services/payments/payments.signature.ts";
import { eventually } from "../helpers/eventually.ts";
import { startStore, type TestStore } from "../helpers/store.ts";
import { receiver, type Receiver } from "../integration/webhooks/receiver.ts";

type Returns<N extends keyof ActionMap> = ActionMap[N]["returns"];
const password = "correct horse battery staple";

const account = async (store: TestStore): Promise<string> => {
  const email = "ops@example.com";
  await store.call("users.create", { email, password, name: "Ops", role: "admin" });
  return (await store.call("users.login", { email, password })).accessToken;
};

/** Over HTTP, as an attacker would; the rules themselves are tried in test/integration/webhooks and payments. */
describe("webhooks, both ways", function () {
  this.timeout(60_000);
  let store: TestStore;
  let token: string;
  before(async () => {
    store = await startStore({ services: ["gateway", "users", "webhooks", "payments"] });
    token = await account(store);
  });
  after(() => store.stop());

  it("are sent to no address inside the house, however it is written (check 41)", async () => {
    const urls = [
      "127.0.0.1",
      "169.254.169.254",
      "[::1]",
      "0x7f.1",
      "10.0.0.1",
      "2130706433",
      "localhost",
      "nats",
    ];
    const odd = ["file:///etc/passwd", "nats://127.0.0.1:4222"];
    for (const url of [...urls.map((host) => `http://${host}/hook`), ...odd]) {
      const answer = await store.http.post<Problem>("webhook-endpoints", { url }, { token });
      expect(answer.status, url).to.equal(422);
    }
    const list = await store.http.get<Returns<"webhooks.endpoints">>("webhook-endpoints", { token });
    expect(list.body.data).to.deep.equal([]);
  });

  it("are taken from a payment provider by signature and time alone, each once (check 42)", async () => {
    const { appSecret } = contextOf(store.broker).config;
    const secret = createHmac("sha256", appSecret).update("payments:test:webhook").digest("base64");
    const charge = { id: "ch_1", orderId: "01890000-0000-7000-8000-000000000001", status: "authorized" };
    const body = JSON.stringify({
      type: "charge",
      charge: { ...charge, currency: "GBP", amount: 1, captured: 0, refunded: 0 },
    });
    const now = store.clock.now();
    const send = (headers: Record<string, string>) =>
      store.http.request<Problem>("POST", "payments/webhooks/test", { body, headers });
    const good = signedHeaders(secret, "evt_1", body, now);
    for (const headers of [
      {},
      { ...good, "webhook-signature": "v1,AAAA" },
      { ...good, "webhook-id": "evt_2" },
      signedHeaders(secret, "evt_1", body, now - 6 * 60_000),
      signedHeaders("another", "evt_1", body, now),
    ]) {
      const answer = await send(headers);
      expect([answer.status, answer.body.code]).to.deep.equal([400, "SIGNATURE_INVALID"]);
    }
    expect(await store.call("payments.get", { orderId: charge.orderId })).to.equal(null);
    for (let times = 0; times < 2; times++) expect((await send(good)).status).to.equal(200);
  });

  describe("going out", () => {
    let shop: TestStore;
    let hook: Receiver;
    before(async () => {
      shop = await startStore({
        services: ["gateway", "users", "webhooks"],
        env: { WEBHOOK_ALLOW_PRIVATE: "on" },
      });
      hook = await receiver();
    });
    after(async () => {
      await shop.stop();
      await hook.close();
    });

    it("are signed over id, time and body, by two keys after a rotation, and repeated under one id (check 43)", async () => {
      const admin = { token: await account(shop) };
      hook.answer = (_, res) => res.writeHead(hook.got.length < 2 ? 503 : 204).end();
      const made = await shop.http.post<Returns<"webhooks.createEndpoint">>(
        "webhook-endpoints",
        { url: hook.url },
        admin,
      );
      const { id, secret } = made.body;
      const rotated = await shop.http.post<Returns<"webhooks.rotateSecret">>(
        `webhook-endpoints/${id}/rotate`,
        {},
        admin,
      );
      expect((await shop.http.post(`webhook-endpoints/${id}/test`, {}, admin)).status).to.equal(202);
      await eventually(() => hook.got.length >= 2);
      const [first, second] = hook.got;
      expect(first?.headers["webhook-id"]).to.equal(second?.headers["webhook-id"]);
      for (const key of [secret, rotated.body.secret]) {
        const { body, headers } = second!;
        expect(new Webhook(key).verify(body, headers)).to.have.property("type", "webhooks.test");
        expect(() => new Webhook(key).verify(body.replace("webhooks", "hooks"), headers)).to.throw();
        expect(() => new Webhook(key).verify(body, { ...headers, "webhook-timestamp": "1" })).to.throw();
      }
    });
  });
});
