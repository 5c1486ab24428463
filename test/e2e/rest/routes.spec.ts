import { expect } from "chai";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { contracts } from "../../../services/contracts.ts";
import { publishedActions } from "../../../services/gateway/gateway.routes.ts";
import { startGateway, type TestGateway } from "../../helpers/gateway.ts";
import type { Problem } from "../../../contract/http-problem.ts";
import type { Contract } from "../../../contract/define.ts";
import type { Meta } from "../../../contract/meta.ts";

const id = "01890000-0000-7000-8000-000000000001";
const category = {
  slug: "kitchen",
  name: "Kitchen",
  description: "",
  parent: null,
  picture: null,
  position: 1,
  version: 3,
};
const user = {
  id,
  email: "a@example.org",
  name: "A",
  role: "customer",
  emailVerified: true,
  disabled: false,
  createdAt: "2026-01-01T00:00:00.000Z",
  version: 7,
};

describe("gateway", () => {
  let store: TestGateway;
  let seen: { params: unknown; meta: Meta } | undefined;
  const see = <T>(answer: T) =>
    function (ctx: { params: unknown; meta: Meta }): T {
      seen = { params: ctx.params, meta: { ...ctx.meta } };
      return answer;
    };

  before(async () => {
    store = await startGateway(
      {
        "products.categories": see({ data: [category] }),
        "search.products": see({ data: [], page: { next: null }, total: 0 }),
        "search.reindex": see({ started: true }),
        "users.me": see({ ...user, passwordHash: "$argon2id$canary" }),
        "users.updateMe": see(user),
        "users.removeAddress": see(null),
        "users.updateAddress": see({}),
        "products.updateCategory": see(category),
        "users.create": (ctx) => {
          ctx.meta.replayed = true;
          return user;
        },
        "users.login": (ctx) => {
          ctx.meta.setRefreshToken = { token: "abc", maxAgeSeconds: 60 };
          return { accessToken: "x", expiresIn: 900, user };
        },
        "users.logout": (ctx) => {
          seen = { params: ctx.params, meta: { ...ctx.meta } };
          ctx.meta.setRefreshToken = null;
          return null;
        },
        "products.startImport": async (ctx) => {
          const csv = await text((ctx as unknown as { stream: Readable }).stream);
          seen = { params: { ...ctx.params, csv }, meta: { ...ctx.meta } };
          const { dryRun = false } = ctx.params;
          return {
            id,
            status: "running",
            dryRun,
            rows: 0,
            created: 0,
            updated: 0,
            failed: 0,
            errors: [],
            startedAt: "2026-01-01T00:00:00.000Z",
            finishedAt: null,
          };
        },
        "products.exportProducts": ({ params: { after } }) =>
          after === undefined
            ? { data: [{ sku: "A", name: "=1+1" }], next: "bmV4dA", columns: ["sku", "name"] }
            : { data: [{ sku: "B", name: "b" }], next: null },
        "orders.stream": () => Readable.from(["data: 1\n\n", "data: 2\n\n"]),
        "payments.webhook": see({ received: true }),
        "carts.get": see({}),
        "orders.place": () => Promise.reject(new Error("select secret from /etc/passwd")),
      },
      { env: { CHECK_ANSWERS: "off" } },
    );
  });
  after(() => store.stop());
  beforeEach(() => (seen = undefined));

  const problem = async (method: string, path: string, options = {}) => {
    const answer = await store.http.request<Problem>(method, path, options);
    expect(answer.headers.get("content-type")).to.equal("application/problem+json");
    expect(answer.body.status).to.equal(answer.status);
    expect(answer.body.requestId).to.equal(answer.headers.get("x-request-id"));
    return answer;
  };

  it("routes every published action, and knows who may call it", async () => {
    const admin = store.tokenOf("admin");
    for (const { method, path, name } of publishedActions(contracts)) {
      const url = path.replace(/:[^/]+/g, id);
      const answer = await store.http.request<Problem>(method, `/api/v1${url}`, { token: admin });
      expect(answer.body.code, `${name} ${answer.status}`).to.not.equal("METHOD_NOT_ALLOWED");
      if (answer.status === 404 && answer.body.code === "NOT_FOUND")
        expect(path, name).to.match(/:(actor|provider|code)|payments/);
    }
  });

  it("refuses to start with a route that does not say who may call it", () => {
    const open = { name: "x", actions: { y: { rest: "GET /y" } }, events: {}, receives: [] };
    expect(() => publishedActions({ x: open as unknown as Contract })).to.throw("x.y");
  });

  it("refuses to start with two actions on one route", () => {
    const action = (rest: string) => ({ rest, auth: "anyone" });
    const x = {
      name: "x",
      actions: { a: action("GET /y/:id"), b: action("GET /y/:slug") },
      events: {},
      receives: [],
    };
    expect(() => publishedActions({ x: x as unknown as Contract })).to.throw("both claim");
  });

  it("answers public reads with a strong ETag, and 304 to who has them", async () => {
    const first = await store.http.get("categories");
    expect(first.status).to.equal(200);
    const etag = first.headers.get("etag") ?? "";
    expect(etag).to.match(/^"[\w-]{20,}"$/);
    expect(first.headers.get("cache-control")).to.equal("public, no-cache");
    const second = await store.http.get("categories", { headers: { "if-none-match": `W/${etag}` } });
    expect(second.status).to.equal(304);
    expect(second.body).to.equal("");
  });

  it("answers versions as ETag and leaves undeclared fields out", async () => {
    const answer = await store.http.get<object>("me", { token: store.tokenOf("customer") });
    expect(answer.headers.get("etag")).to.equal('"7"');
    expect(answer.headers.get("cache-control")).to.equal("no-store");
    expect(answer.body).to.deep.equal(user);
  });

  it("answers 204 without a body for null", async () => {
    const answer = await store.http.delete(`me/addresses/${id}`, { token: store.tokenOf("customer") });
    expect(answer.status).to.equal(204);
    expect(answer.body).to.equal("");
  });

  it("answers HEAD like GET without the body, and OPTIONS with the methods", async () => {
    const head = await store.http.request("HEAD", "categories");
    expect(head.status).to.equal(200);
    expect(Number(head.headers.get("content-length"))).to.be.greaterThan(100);
    const options = await store.http.request("OPTIONS", "carts");
    expect(options.status).to.equal(204);
    expect(options.headers.get("allow")).to.equal("POST, OPTIONS");
  });

  it("keeps a proper request id and replaces a bad one", async () => {
    const good = await store.http.get("categories", { headers: { "x-request-id": "abc_DEF-12345" } });
    expect(good.headers.get("x-request-id")).to.equal("abc_DEF-12345");
    for (const bad of ["short", "x".repeat(65), "a b c d e f g h", "id;drop=12345"]) {
      const answer = await store.http.get("categories", { headers: { "x-request-id": bad } });
      expect(answer.headers.get("x-request-id")).to.match(/^[0-9a-f-]{36}$/);
    }
  });

  describe("params", () => {
    it("coerces the query by the contract and nests dotted keys", async () => {
      const query =
        "limit=5&inStock=true&priceMin=100&option.size=M&option.size=L&option.colour=red&q=a%20b+c";
      expect((await store.http.get(`products?${query}`)).status).to.equal(200);
      expect(seen?.params).to.deep.equal({
        limit: 5,
        inStock: true,
        priceMin: 100,
        option: { size: ["M", "L"], colour: ["red"] },
        q: "a b c",
      });
    });

    it("refuses what the query may not have, naming it", async () => {
      const cases: Record<string, string> = {
        "limit=1000000000": "/limit",
        "limit=-5": "/limit",
        "limit=1e3": "/limit",
        "pageSize=5": "/pageSize",
        "query[password][$gt]=": "/query[password][$gt]",
        "limit=1&limit=2": "/limit",
        "__proto__[x]=1": "/__proto__[x]",
        "constructor.prototype=1": "/constructor.prototype",
        "sort=-password": "/sort",
      };
      for (const [query, pointer] of Object.entries(cases)) {
        const answer = await problem("GET", `products?${query}`);
        expect(answer.status, query).to.equal(422);
        expect(answer.body.errors?.[0]?.pointer, query).to.equal(pointer);
      }
      expect(seen).to.equal(undefined);
      const many = await problem("GET", `products?${"option.a=b&".repeat(200)}`);
      expect(many.status).to.equal(422);
    });

    it("takes a JSON body as it is: no coercion, no unknown field, no field of the path", async () => {
      const token = store.tokenOf("customer");
      const bodies: [unknown, number, string][] = [
        [{ name: 5 }, 422, "/name"],
        [{ name: "A", role: "admin" }, 422, "/role"],
        [{}, 422, ""],
        [[], 422, ""],
        ["text", 400, ""],
        ['"text"', 422, ""],
        ['{"__proto__":{"polluted":1},"name":"A"}', 422, "/__proto__"],
        ['{"constructor":{"prototype":{"polluted":1}},"name":"A"}', 422, "/constructor"],
      ];
      for (const [body, status, pointer] of bodies) {
        const answer = await problem("PATCH", "me", { token, body });
        expect(answer.status, JSON.stringify(body)).to.equal(status);
        if (status === 422) expect(answer.body.errors?.[0]?.pointer).to.equal(pointer);
      }
      expect(({} as { polluted?: unknown }).polluted).to.equal(undefined);
      const twice = await problem("PATCH", `me/addresses/${id}`, { token, body: { id, name: "A" } });
      expect(twice.status).to.equal(422);
      expect(twice.body.errors?.[0]?.pointer).to.equal("/id");
      expect((await problem("PATCH", "me?name=B", { token, body: { name: "A" } })).status).to.equal(422);
      expect(seen).to.equal(undefined);
    });

    it("answers 404 for a path that cannot name anything", async () => {
      expect((await problem("GET", "carts/nonsense")).status).to.equal(404);
      expect((await problem("GET", "products/No_Such%00Product")).status).to.equal(404);
      expect((await problem("GET", "products/%zz")).status).to.equal(400);
    });

    it("streams a CSV body to its action, with the query as params", async () => {
      const token = store.tokenOf("staff");
      const options = {
        token,
        body: "sku,name\nA,B\n",
        headers: { "content-type": "text/csv; charset=utf-8" },
      };
      const answer = await store.http.request("POST", "admin/imports?dryRun=true", options);
      expect(answer.status).to.equal(202);
      expect(seen?.params).to.deep.equal({ dryRun: true, csv: "sku,name\nA,B\n" });
      const json = await problem("POST", "admin/imports", { token, body: {} });
      expect(json.status).to.equal(415);
    });

    it("hands a webhook over raw, without cookies and credentials", async () => {
      const options = {
        body: '{"a": 1}',
        headers: { "stripe-signature": "t=1,v1=2", cookie: "refresh=canary" },
      };
      const answer = await store.http.request("POST", "payments/webhooks/test", options);
      expect(answer.status).to.equal(200);
      expect(seen?.meta.webhook?.raw).to.equal('{"a": 1}');
      expect(seen?.meta.webhook?.headers["stripe-signature"]).to.equal("t=1,v1=2");
      expect(seen?.meta.webhook?.headers).to.not.have.property("cookie");
    });
  });

  describe("headers", () => {
    it("demands Idempotency-Key and If-Match where the contract does", async () => {
      expect((await problem("POST", "orders", { body: {} })).body.code).to.equal("IDEMPOTENCY_KEY_REQUIRED");
      const long = await problem("POST", "orders", { body: {}, key: "x".repeat(256) });
      expect(long.body.code).to.equal("IDEMPOTENCY_KEY_INVALID");
      const token = store.tokenOf("staff");
      const change = (headers: Record<string, string>) =>
        store.http.request<Problem>("PATCH", "admin/categories/kitchen", {
          token,
          body: { name: "K" },
          headers,
        });
      expect((await change({})).status).to.equal(428);
      for (const bad of ["3", 'W/"3"', "*", '"x"', '"1", "2"'])
        expect((await change({ "if-match": bad })).status, bad).to.equal(400);
      expect((await change({ "if-match": '"3"' })).status).to.equal(200);
      expect(seen?.meta.ifMatch).to.equal(3);
    });

    it("hands guest secrets, languages and the client over", async () => {
      await store.http.get("categories", {
        headers: {
          "x-cart-secret": "c",
          "x-order-secret": "o",
          "accept-language": "fr-CH, en;q=0.8, de;q=0.9, *;q=0.1",
          "user-agent": "spec",
        },
      });
      const { meta } = seen as { meta: Meta };
      expect(meta.cartSecret).to.equal("c");
      expect(meta.orderSecret).to.equal("o");
      expect(meta.languages).to.deep.equal(["fr", "de", "en"]);
      expect(meta.userAgent).to.equal("spec");
      expect(meta.ip).to.equal("127.0.0.1");
    });

    it("marks a stored answer as replayed and says where the new resource is", async () => {
      const body = { email: "a@example.org", password: "long enough", name: "A", role: "customer" };
      const answer = await store.http.post("admin/users", body, { token: store.tokenOf("admin") });
      expect(answer.status).to.equal(201);
      expect(answer.headers.get("idempotent-replayed")).to.equal("true");
      expect(answer.headers.get("location")).to.equal(`/api/v1/admin/users/${id}`);
    });

    it("ignores a method override", async () => {
      const headers = { "x-http-method-override": "DELETE", "x-method-override": "DELETE" };
      expect((await store.http.get("categories", { headers })).status).to.equal(200);
    });
  });

  describe("refusals", () => {
    it("answers unknown paths with 404 and known ones with 405", async () => {
      for (const path of [
        "/api/v1/nope",
        "/api/v1/categories/",
        "/api/v1/Categories",
        "/api/v2/categories",
        "/API/v1/categories",
        "/api/v1//categories",
        "/api/v1/%63ategories",
      ])
        expect((await problem("GET", path)).status, path).to.equal(404);
      const answer = await problem("DELETE", "categories");
      expect(answer.status).to.equal(405);
      expect(answer.headers.get("allow")).to.equal("GET, HEAD, OPTIONS");
    });

    it("tells nothing about what went wrong inside", async () => {
      const body = {
        lines: [{ sku: "A", quantity: 1 }],
        currency: "GBP",
        email: "a@example.org",
        shippingAddress: { name: "A", line1: "B", city: "C", postalCode: "D", country: "GB" },
        shippingMethod: "standard",
        payment: { provider: "test", token: "tok_visa" },
      };
      const answer = await problem("POST", "orders", { body, key: "k".repeat(22) });
      expect(answer.status).to.equal(500);
      expect(JSON.stringify(answer.body)).to.not.match(/select|passwd|stack|\.ts/);
    });

    it("answers 503 with Retry-After while nobody offers the action", async () => {
      const answer = await problem("GET", "admin/inventory", { token: store.tokenOf("staff") });
      expect(answer.status).to.equal(503);
      expect(answer.headers.get("retry-after")).to.equal("1");
    });
  });

  describe("streams", () => {
    it("sends events as they come, not to be stored", async () => {
      const answer = await store.http.get(`orders/${id}/stream`);
      expect(answer.headers.get("content-type")).to.equal("text/event-stream; charset=utf-8");
      expect(answer.headers.get("cache-control")).to.equal("no-store");
      expect(answer.body).to.equal("data: 1\n\ndata: 2\n\n");
    });

    it("sends CSV", async () => {
      const answer = await store.http.get("admin/exports/products", { token: store.tokenOf("staff") });
      expect(answer.headers.get("content-type")).to.equal("text/csv; charset=utf-8");
      expect(answer.headers.get("content-disposition")).to.equal('attachment; filename="products.csv"');
      expect(answer.body).to.equal("sku,name\nA,'=1+1\nB,b\n");
    });
  });

  describe("the refresh cookie", () => {
    it("is set by login: HttpOnly, SameSite=Strict, whole site", async () => {
      const answer = await store.http.post("auth/login", { email: "a@example.org", password: "x" });
      expect(answer.headers.get("set-cookie")).to.equal(
        "refresh=abc; Path=/; HttpOnly; SameSite=Strict; Max-Age=60",
      );
    });

    it("is read by logout alone, and cleared by it", async () => {
      const cookie = "a=b; refresh=token-of-mine; c=d";
      const answer = await store.http.post("auth/logout", undefined, { headers: { cookie } });
      expect(answer.status).to.equal(204);
      expect(seen?.meta.refreshToken).to.equal("token-of-mine");
      expect(answer.headers.get("set-cookie")).to.contain("refresh=; Path=/");
      await store.http.get("categories", { headers: { cookie } });
      expect(seen?.meta).to.not.have.property("refreshToken");
    });
  });
});
