import { expect } from "chai";
import type { Problem } from "../../contract/http-problem.ts";
import { startGateway, type TestGateway } from "../helpers/gateway.ts";
import { rawRequest, statusOfRaw } from "../helpers/raw-http.ts";

describe("hostile requests", () => {
  let store: TestGateway;
  before(async () => {
    store = await startGateway({
      "products.categories": () => ({ data: [] }),
      "users.login": () => Promise.reject(new Error("reached")),
      "search.suggest": () => ({ products: [], categories: [] }),
    });
  });
  after(() => store.stop());

  const post = (path: string, body: string, options: { token?: string } = {}) =>
    store.http.request<Problem>("POST", path, { body, ...options });

  it("gets 413 for 5 MB, before it is read (check 28)", async () => {
    const answer = await post("auth/login", `{"email":"${"x".repeat(5_000_000)}"}`);
    expect(answer.status).to.equal(413);
  });

  it("gets 413 for 5 MB in chunks of unknown number (check 28)", async () => {
    const chunk = `10000\r\n${"x".repeat(65_536)}\r\n`;
    const head =
      "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    expect(statusOfRaw(await rawRequest(store.url, head + chunk.repeat(80)))).to.equal(413);
  });

  it("gets 400 for a nest, 413 for a heap (check 29)", async () => {
    const nests = [
      `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`,
      `${"[".repeat(20_000)}${"]".repeat(20_000)}`,
      "[".repeat(20_000),
    ];
    for (const nest of nests) {
      const answer = await post("auth/login", nest);
      expect(answer.status).to.equal(400);
    }
    const keys = Array.from({ length: 100_000 }, (_, n) => `"k${n}":1`).join(",");
    const heap = await post("auth/login", `{${keys.slice(0, 1_000_000).replace(/,[^,]*$/, "")}}`);
    expect(heap.status).to.equal(413);
    const digits = await post("auth/login", `{"email":${"1".repeat(1_000_000)}}`);
    expect(digits.status).to.equal(422);
  });

  it("is not fooled by brackets in strings (check 29)", async () => {
    const answer = await post(
      "auth/login",
      JSON.stringify({ email: `${"[".repeat(200)}"${"[".repeat(200)}`, password: "x" }),
    );
    expect(answer.status).to.equal(422);
    expect(answer.body.errors?.[0]?.pointer).to.equal("/email");
  });

  it("does not echo a broken body", async () => {
    const answer = await post("auth/login", '{"password":"canary-secret"');
    expect(answer.status).to.equal(400);
    expect(answer.body.code).to.equal("INVALID_JSON");
    expect(JSON.stringify(answer.body)).to.not.contain("canary");
  });

  it("gets 415 for a body of another type (check 38)", async () => {
    const body = '{"email":"a@example.org","password":"x"}';
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data",
      "application/json; charset=utf-16",
      "",
    ]) {
      const answer = await store.http.request("POST", "auth/login", {
        body,
        headers: { "content-type": type },
      });
      expect(answer.status, type).to.equal(415);
    }
    const packed = await store.http.request("POST", "auth/login", {
      body,
      headers: { "content-encoding": "gzip" },
    });
    expect(packed.status).to.equal(415);
  });

  it("gets 422 for operators in the place of values (checks 25, 27)", async () => {
    const bodies = [
      '{"email":{"$ne":"x"},"password":{"$gt":""}}',
      '{"email":"a@example.org","password":"x","__proto__":{"admin":true}}',
      '{"email":"a@example.org","password":"x","constructor":{"prototype":{"admin":true}}}',
    ];
    for (const body of bodies) expect((await post("auth/login", body)).status, body).to.equal(422);
    expect((await post("auth/login?email[$ne]=x", "{}")).status).to.equal(422);
    expect(({} as { admin?: unknown }).admin).to.equal(undefined);
  });

  it("gets 422 for what lists may not be asked for (checks 19, 30)", async () => {
    const queries = [
      "fields=password",
      "populate=user",
      "sort=-password",
      "searchFields=password&search=a",
      "limit=1000000000",
      "limit=-5",
      "limit=0",
      "page=1e15",
      "limit=NaN",
    ];
    for (const query of queries)
      for (const path of ["admin/users", "admin/orders", "products"]) {
        const answer = await store.http.get<Problem>(`${path}?${query}`, { token: store.tokenOf("admin") });
        expect(answer.status, `${path}?${query}`).to.be.oneOf([422, 503]);
      }
    const ids = Array.from({ length: 10_000 }, (_, n) => `id=${n}`).join("&");
    expect((await store.http.get(`products?${ids}`)).status).to.be.oneOf([414, 422, 431]);
  });

  it("gets 422 for a very long e-mail address or text (check 31)", async () => {
    const answer = await post(
      "auth/login",
      JSON.stringify({ email: `${"a".repeat(100_000)}@${"b.".repeat(1000)}`, password: "x" }),
    );
    expect(answer.status).to.equal(422);
    for (const q of ["(a+)+$", "a".repeat(201), "%25".repeat(100)])
      expect((await store.http.get(`search/suggest?q=${encodeURIComponent(q)}`)).status).to.be.oneOf([
        200, 422,
      ]);
  });

  it("gets 431 or 400 for odd headers, and smuggles nothing (check 33)", async () => {
    const get = (headers: string): Promise<string> =>
      rawRequest(
        store.url,
        `GET /api/v1/categories HTTP/1.1\r\nHost: x\r\n${headers}Connection: close\r\n\r\n`,
      );
    expect(statusOfRaw(await get(""))).to.equal(200);
    expect(statusOfRaw(await get(`X-Big: ${"a".repeat(20_000)}\r\n`))).to.equal(431);
    expect(statusOfRaw(await get(Array.from({ length: 200 }, (_, n) => `X-${n}: 1\r\n`).join("")))).to.equal(
      431,
    );
    expect(statusOfRaw(await get("Content-Length: 1\r\nContent-Length: 2\r\n"))).to.equal(400);
    expect(statusOfRaw(await get("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"))).to.equal(400);
    expect(statusOfRaw(await get("Bad Header: x\r\n"))).to.equal(400);
    const body = "0\r\n\r\nGET /api/v1/smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
    const smuggled = await rawRequest(
      store.url,
      `POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\nTransfer-Encoding: chunked\r\n\r\n${body}`,
    );
    expect(statusOfRaw(smuggled)).to.equal(400);
    expect(smuggled.match(/HTTP\/1\.1/g)).to.have.lengthOf(1);
  });

  it("answers what is not HTTP with a problem, too", async () => {
    const answer = await rawRequest(store.url, "NONSENSE\r\n\r\n");
    expect(statusOfRaw(answer)).to.equal(400);
    expect(answer).to.contain("application/problem+json");
  });

  it("serves others while it is attacked (check 29)", async () => {
    const attack = Promise.all(Array.from({ length: 20 }, () => post("auth/login", "[".repeat(900_000))));
    expect((await store.http.get("categories")).status).to.equal(200);
    await attack;
  });

  it("upload streams are refused to who may not upload, without being read", async () => {
    const csv = "sku,name\n".repeat(300_000);
    const answer = await store.http.request("POST", "admin/imports", {
      body: csv,
      headers: { "content-type": "text/csv" },
      token: store.tokenOf("customer"),
    });
    expect(answer.status).to.equal(403);
  });
});
