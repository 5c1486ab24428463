import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { refusalOf } from "../../helpers/shop.ts";
import type { TestStore } from "../../helpers/store.ts";
import { isPublic } from "../../../services/webhooks/webhooks.address.ts";
import { admin, startWebhooks } from "./receiver.ts";

describe("webhooks: endpoints", () => {
  let store: TestStore;
  before(async () => {
    store = await startWebhooks({ env: {} });
  });
  after(() => store.stop());

  const make = (url: string) => store.call("webhooks.createEndpoint", { url }, { meta: admin });

  it("shows the secret once and keeps it nowhere", async () => {
    const made = await make("https://203-0-113-1.example.com/hook");
    expect(made.secret).to.match(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(made).to.deep.include({ types: ["*"], enabled: true, version: 1 });
    expect(await store.call("webhooks.endpoint", { id: made.id })).to.not.have.property("secret");
    for (const file of ["webhooks.sqlite", "webhooks.sqlite-wal"])
      expect(readFileSync(join(store.dataDir, file)).includes(made.secret.slice(6, 40)), file).to.equal(
        false,
      );
  });

  it("refuses addresses inside the house with 422 (check 41)", async () => {
    const urls = [
      "http://127.0.0.1/hook",
      "http://127.0.0.1:9000/hook",
      "http://169.254.169.254/latest",
      "http://[::1]/hook",
      "http://[::ffff:10.0.0.1]/hook",
      "http://[fd00::1]/hook",
      "http://0x7f.1/hook",
      "http://2130706433/hook",
      "http://0177.0.0.1/hook",
      "http://10.1.2.3/hook",
      "http://172.16.0.1/hook",
      "http://192.168.1.1/hook",
      "http://100.64.0.1/hook",
      "http://0.0.0.0/hook",
      "http://localhost/hook",
      "http://localhost./hook",
      "http://a.localhost/hook",
      "http://nats/hook",
      "http://db.internal/hook",
      "http://user:pass@shop.example.com/hook",
    ];
    for (const url of urls) {
      const refusal = await refusalOf(make(url));
      expect(refusal, url).to.deep.include({ code: 422, type: "WEBHOOK_URL_REFUSED" });
    }
    for (const url of ["file:///etc/passwd", "nats://127.0.0.1:4222", "gopher://x.example.com/"])
      expect(await refusalOf(make(url)), url).to.deep.include({ code: 422, type: "VALIDATION_ERROR" });
  });

  it("tells public addresses from all others", () => {
    for (const address of ["8.8.8.8", "1.1.1.1", "172.32.0.1", "2606:4700::1111"])
      expect(isPublic(address), address).to.equal(true);
    for (const address of [
      "224.0.0.1",
      "255.255.255.255",
      "64:ff9b::a00:1",
      "2002:a00:1::",
      "fe80::1",
      "::",
      "x",
    ])
      expect(isPublic(address), address).to.equal(false);
  });

  it("changes, switches off and on, and removes, only on the version that is named", async () => {
    const { id } = await make("https://one.example.com/hook");
    const change = (more: object, meta: object = {}) =>
      store.call("webhooks.updateEndpoint", { id, ...more }, { meta: { ...admin, ...meta } });
    expect(await change({ types: ["orders.*"] }, { ifMatch: 1 })).to.deep.include({
      types: ["orders.*"],
      version: 2,
    });
    expect(await refusalOf(change({ description: "x" }, { ifMatch: 1 }))).to.deep.include({ code: 412 });
    expect(await refusalOf(change({ url: "http://10.0.0.1/hook" }))).to.deep.include({ code: 422 });
    expect(await change({ enabled: false })).to.deep.include({ enabled: false, disabledReason: "manual" });
    const test = () => store.call("webhooks.testEndpoint", { id }, { meta: admin });
    expect(await refusalOf(test())).to.deep.include({ type: "WEBHOOK_ENDPOINT_DISABLED" });
    expect(await change({ enabled: true })).to.deep.include({ enabled: true, disabledReason: null });
    const remove = (meta: object) =>
      store.call("webhooks.removeEndpoint", { id }, { meta: { ...admin, ...meta } });
    expect(await refusalOf(remove({ ifMatch: 1 }))).to.deep.include({ code: 412 });
    await remove({ ifMatch: 4 });
    expect(await refusalOf(store.call("webhooks.endpoint", { id }))).to.deep.include({
      type: "WEBHOOK_ENDPOINT_NOT_FOUND",
    });
  });
});
