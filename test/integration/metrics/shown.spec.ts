import { X509Certificate } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { makeJwtKeys } from "../../../config/kept.ts";
import { eventually } from "../../helpers/eventually.ts";
import { anOrder, place } from "../../helpers/shop.ts";
import { inStock } from "../../helpers/in-stock.ts";
import { freePort, startStore, type TestStore } from "../../helpers/store.ts";
import { figure, scrape } from "./scrape.ts";

/** Made for this test: nobody holds its key. */
const certificate = join(import.meta.dirname, "certificate.pem");
const certificateEnd = new Date(new X509Certificate(readFileSync(certificate)).validTo).getTime();
const deploy = join(import.meta.dirname, "../../../deploy");
const dashboards = join(deploy, "grafana/dashboards");

/** The metrics that a rule or a dashboard asks for. */
const askedFor = (text: string): string[] => text.match(/\b(valence|moleculer|process)_\w+/g) ?? [];
const shown = (page: string): string[] => page.match(/^[a-z]\w+/gm) ?? [];

describe("alerts and dashboards", () => {
  let store: TestStore;
  let port: number;

  before(async function () {
    this.timeout(40_000);
    port = await freePort();
    const { keys } = JSON.parse(makeJwtKeys()) as { keys: object[] };
    const env = {
      METRICS_PORT: String(port),
      CERTIFICATE_FILES: certificate,
      JWT_KEYS: JSON.stringify({ keys: keys.map((key) => ({ ...key, exp: 4_000_000_000 })) }),
    };
    store = await startStore({ seed: true, env });
    const login = { email: "admin@valence.local", password: "correct horse battery" };
    const { body } = await store.http.post<{ accessToken: string }>("auth/login", login);
    const expiresAt = new Date(store.clock.now() + 86_400_000).toISOString();
    const wanted = { name: "ends soon", scopes: ["events:read"], expiresAt };
    expect((await store.http.post("api-keys", wanted, { token: body.accessToken })).status).to.equal(201);
    const { sku } = await inStock(store);
    await store.call("carts.create", {});
    await place(store, anOrder([{ sku, quantity: 1 }]));
    await place(store, anOrder([{ sku, quantity: 100_000 }])).catch(() => undefined);
  });
  after(() => store.stop());

  it("are told how long certificates and keys are still good", async () => {
    const pages = await eventually(async () => {
      const found = await Promise.all([scrape(port), scrape(port, "/cluster")]);
      return found[1].includes("valence_api_key_expires_seconds{") ? found.join("\n") : undefined;
    }, 10_000);
    const now = store.clock.now() / 1000;
    const left = (name: string) => figure(pages, `valence_${name}_expires_seconds`) ?? NaN;
    expect(left("certificate")).to.be.closeTo(certificateEnd / 1000 - now, 60);
    expect(left("jwt_key")).to.be.closeTo(4_000_000_000 - now, 60);
    expect(left("api_key")).to.be.closeTo(86_400, 60);
  }).timeout(15_000);

  it("ask only for metrics that the store shows", async () => {
    const files = readdirSync(dashboards).map((name) => join(dashboards, name));
    const texts = [...files, join(deploy, "prometheus/alerts.yml")].map((file) => readFileSync(file, "utf8"));
    const wanted = new Set(texts.flatMap(askedFor));
    expect(wanted.size).to.be.greaterThan(20);
    await eventually(async () => {
      const pages = await Promise.all([scrape(port), scrape(port, "/cluster")]);
      const there = new Set(pages.flatMap(shown));
      const missing = [...wanted].filter((name) => !there.has(name));
      if (missing.length > 0) throw new Error(`not shown: ${missing.join(", ")}`);
      return true;
    }, 15_000);
  }).timeout(20_000);
});
