import { expect } from "chai";
import type { Meta } from "../../contract/meta.ts";
import { startGateway, type TestGateway } from "../helpers/gateway.ts";
import { rawRequest, statusOfRaw } from "../helpers/raw-http.ts";

describe("what a browser is told", () => {
  let store: TestGateway;
  before(async () => {
    const login = ({ meta }: { meta: Meta }) => {
      meta.setRefreshToken = { token: "abc", maxAgeSeconds: 60 };
      return { accessToken: "x", expiresIn: 1, user: null };
    };
    store = await startGateway(
      {
        "products.categories": () => ({ data: [] }),
        "users.refresh": login,
        "users.login": login,
        "users.logout": () => null,
      },
      { env: { PUBLIC_URL: "https://shop.example", CHECK_ANSWERS: "off" } },
    );
  });
  after(() => store.stop());

  it("no other origin gets a CORS header (check 35)", async () => {
    for (const origin of [
      "https://evil.example",
      "null",
      "https://shop.example.evil",
      "http://shop.example",
    ]) {
      for (const method of ["GET", "OPTIONS"]) {
        const headers = {
          origin,
          "access-control-request-method": "POST",
          "access-control-request-headers": "authorization",
        };
        const answer = await store.http.request(method, "categories", { headers });
        const names = [...answer.headers.keys()].filter((name) => name.startsWith("access-control-"));
        expect(names, `${method} ${origin}`).to.deep.equal([]);
      }
    }
  });

  it("pages may load nothing foreign, stand in no frame and come by TLS alone (check 36)", async () => {
    for (const path of ["/", "/api/docs", "/pictures/alarm-clock.svg"]) {
      const { status, headers } = await store.http.get(path);
      expect(status, path).to.equal(200);
      const policy = headers.get("content-security-policy") ?? "";
      for (const rule of [
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ])
        expect(policy, path).to.contain(rule);
      expect(policy).to.not.match(/unsafe/);
      expect(headers.get("x-content-type-options")).to.equal("nosniff");
      expect(headers.get("strict-transport-security")).to.contain("max-age=31536000");
    }
    const html = String((await store.http.get("/api/docs")).body);
    expect(html).to.not.match(/<script|style=|\son\w+=/);
    expect(html).to.contain("/orders/{id}");
  });

  it("API answers may not be rendered at all (check 36)", async () => {
    for (const path of ["categories", "nope"]) {
      const { headers } = await store.http.get(path);
      expect(headers.get("content-security-policy")).to.equal("default-src 'none'; frame-ancestors 'none'");
      expect(headers.get("x-content-type-options")).to.equal("nosniff");
    }
  });

  it("the refresh cookie is Secure and bound to the host behind TLS (check 37)", async () => {
    const { headers } = await store.http.post("auth/login", { email: "a@example.org", password: "x" });
    expect(headers.get("set-cookie")).to.equal(
      "__Host-refresh=abc; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=60",
    );
  });

  it("another site cannot use the cookie (check 38)", async () => {
    const cookie = "__Host-refresh=abc";
    const foreign: Record<string, string>[] = [
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { origin: "https://evil.example" },
      { origin: "null" },
    ];
    for (const path of ["auth/refresh", "auth/logout"]) {
      for (const headers of foreign)
        expect((await store.http.post(path, {}, { headers: { cookie, ...headers } })).status).to.equal(403);
      const own = { cookie, "sec-fetch-site": "same-origin", origin: "https://shop.example" };
      expect((await store.http.post(path, {}, { headers: own })).status).to.be.oneOf([200, 204]);
      expect((await store.http.post(path, {}, { headers: { cookie } })).status).to.be.oneOf([200, 204]);
    }
  });

  it("files come from the public folder alone (check 40)", async () => {
    const paths = [
      "/assets/..%2f..%2fetc/passwd",
      "/..%2f..%2fpackage.json",
      "/pictures/..%2f..%2f..%2fpackage.json",
      "/pictures/../../../package.json",
      "/pictures/..\\..\\..\\package.json",
      "/pictures/%2e%2e/%2e%2e/package.json",
      "/pictures/alarm-clock.svg%00.png",
      "/pictures/.htaccess",
      "/.git/config",
      "/.env",
      "/assets/index.js.map",
      "/pictures",
      "/pictures/",
      "//etc/passwd",
      "/static/pictures/alarm-clock.svg",
    ];
    for (const path of paths) {
      const answer = await rawRequest(
        store.url,
        `GET ${path} HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nConnection: close\r\n\r\n`,
      );
      expect(statusOfRaw(answer), path).to.be.oneOf([400, 404]);
      expect(answer).to.not.match(/root:|"dependencies"/);
    }
  });

  it("pictures are cached for long and served as what they are", async () => {
    const { status, headers } = await store.http.get("/pictures/alarm-clock.svg");
    expect(status).to.equal(200);
    expect(headers.get("content-type")).to.match(/^image\/svg\+xml/);
    expect(headers.get("cache-control")).to.equal("public, max-age=604800");
    expect((await store.http.post("/pictures/alarm-clock.svg")).status).to.equal(405);
  });
});
