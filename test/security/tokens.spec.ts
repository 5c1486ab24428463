import { expect } from "chai";
import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { createServer, type Server } from "node:http";
import jwt from "jsonwebtoken";
import { contextOf } from "../../mixins/context.ts";
import type { Problem } from "../../contract/http-problem.ts";
import { startGateway, type TestGateway } from "../helpers/gateway.ts";

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
type Part = Record<string, unknown>;

describe("access tokens", () => {
  let store: TestGateway;
  let good: string;
  let header: Part;
  let claims: Part;
  let key: string;
  let publicKey: string;
  const user = {
    id: "01890000-0000-7000-8000-000000000001",
    email: "a@example.org",
    name: "A",
    role: "customer",
    emailVerified: true,
    disabled: false,
    createdAt: "2026-01-01T00:00:00.000Z",
    version: 1,
  };

  before(async () => {
    store = await startGateway({
      "users.me": () => user,
      "users.list": () => ({ data: [], page: { next: null } }),
      "products.categories": () => ({ data: [] }),
    });
    const [jwk] = contextOf(store.broker).config.jwtKeys;
    const signing = createPrivateKey({ key: { ...jwk }, format: "jwk" });
    key = signing.export({ type: "pkcs8", format: "pem" }) as string;
    publicKey = createPublicKey(signing).export({ type: "spki", format: "pem" }) as string;
  });
  after(() => store.stop());
  beforeEach(() => {
    good = store.tokenOf("customer");
    const [head = "", payload = ""] = good.split(".");
    header = JSON.parse(Buffer.from(head, "base64url").toString()) as Part;
    claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as Part;
  });

  const me = (token: string) => store.http.get<Problem>("me", { token });
  const refused = async (token: string, what: string) => {
    for (const path of ["me", "categories"]) {
      const answer = await store.http.get<Problem>(path, { token });
      expect(answer.status, `${what} on ${path}`).to.equal(401);
      expect(answer.headers.get("www-authenticate")).to.match(/^Bearer/);
      expect(JSON.stringify(answer.body)).to.not.contain(token.slice(0, 40));
    }
  };
  const signed = (changes: { header?: Part; claims?: Part; remove?: string[] } = {}) => {
    const payload = { ...claims, ...changes.claims };
    for (const name of changes.remove ?? []) Reflect.deleteProperty(payload, name);
    return jwt.sign(payload, key, {
      algorithm: "ES256",
      header: { ...header, ...changes.header } as unknown as jwt.JwtHeader,
    });
  };

  it("lets a good one in, also when it is made here by the same rules", async () => {
    expect((await me(good)).status).to.equal(200);
    expect((await me(signed())).status).to.equal(200);
  });

  it("refuses what is no token, also on public routes", async () => {
    for (const token of ["x", "a.b.c", "x".repeat(5000), "vk_unknown", `vk_${"x".repeat(300)}`])
      await refused(token, token.slice(0, 20));
    const basic = await store.http.get("categories", { headers: { authorization: "Basic YTpi" } });
    expect(basic.status).to.equal(401);
  });

  it("refuses an unsigned one (check 1)", async () => {
    for (const alg of ["none", "None", "NONE"])
      await refused(`${base64({ ...header, alg })}.${base64(claims)}.`, alg);
  });

  it("refuses the public key or nothing as an HMAC secret (check 2)", async () => {
    for (const secret of [publicKey, ""]) {
      const text = `${base64({ ...header, alg: "HS256" })}.${base64(claims)}`;
      await refused(`${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`, "HS256");
    }
  });

  it("never fetches or reads a key that a token names (check 3)", async () => {
    let asked = 0;
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const jwk = { ...other.publicKey.export({ format: "jwk" }), kid: "mine" };
    const server: Server = createServer((_req, res) => {
      asked++;
      res.end(JSON.stringify({ keys: [jwk] }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/keys`;
    const foreign = other.privateKey.export({ type: "pkcs8", format: "pem" }) as string;
    const headers: Part[] = [
      { jku: url, kid: "mine" },
      { x5u: url, kid: "mine" },
      { jwk, kid: "mine" },
      { kid: "../../dev/null" },
      { kid: "/proc/self/environ" },
      { kid: header.kid },
    ];
    for (const extra of headers) {
      const head = { ...header, ...extra } as unknown as jwt.JwtHeader;
      const token = jwt.sign(claims, foreign, { algorithm: "ES256", header: head });
      await refused(token, JSON.stringify(extra));
    }
    await refused(signed({ header: { jku: url } }), "our own key beside a jku");
    expect(asked).to.equal(0);
    await new Promise((resolve) => server.close(resolve));
  });

  it("refuses one whose time is over, has not come or is not named (check 4)", async () => {
    const now = Math.floor(store.clock.now() / 1000);
    await refused(signed({ claims: { exp: now - 1 } }), "expired");
    await refused(signed({ claims: { nbf: now + 60 } }), "nbf");
    await refused(signed({ remove: ["exp"] }), "no exp");
  });

  it("forgets a verified one when its time is over", async () => {
    expect((await me(good)).status).to.equal(200);
    store.clock.advance(15 * 60_000);
    expect((await me(good)).status).to.equal(401);
  });

  it("refuses one for another audience or from another issuer (check 5)", async () => {
    await refused(signed({ claims: { aud: "another" } }), "aud");
    await refused(signed({ claims: { iss: "another" } }), "iss");
  });

  it("refuses one of another kind (check 6)", async () => {
    await refused(signed({ header: { typ: "rt+jwt" } }), "typ");
    await refused(signed({ remove: ["sid"] }), "no session");
  });

  it("refuses one with a changed byte (check 7)", async () => {
    const [head, , signature] = good.split(".");
    await refused(`${head}.${base64({ ...claims, role: "admin" })}.${signature}`, "role");
    await refused(`${good.slice(0, -2)}${good.endsWith("AA") ? "BB" : "AA"}`, "signature");
  });

  it("believes the account's role of now, not the token's", async () => {
    const admin = store.tokenOf("admin");
    expect((await store.http.get("admin/users", { token: admin })).status).to.equal(200);
    const session = [...store.sessions].at(-1)![0];
    store.sessions.set(session, { ...store.sessions.get(session)!, role: "customer" });
    store.clock.advance(1000);
    expect((await store.http.get("admin/users", { token: admin })).status).to.equal(403);
  });

  it("refuses an ended session at once when it is told, else within a second (check 8)", async () => {
    expect((await me(good)).status).to.equal(200);
    const session = claims.sid as string;
    store.sessions.set(session, null);
    await store.broker.broadcast("users.sessionsEnded", { sessions: [session] });
    expect((await me(good)).status).to.equal(401);

    const second = store.tokenOf("customer");
    expect((await me(second)).status).to.equal(200);
    store.sessions.set([...store.sessions].at(-1)![0], null);
    store.clock.advance(1000);
    expect((await me(second)).status).to.equal(401);
  });

  it("refuses a token whose session is another account's", async () => {
    const session = claims.sid as string;
    store.sessions.set(session, { ...store.sessions.get(session)!, account: user.id });
    expect((await me(good)).status).to.equal(401);
  });

  it("asks for a live session once a second, however many requests there are", async () => {
    const before = store.asked();
    await Promise.all(Array.from({ length: 20 }, () => me(good)));
    expect(store.asked() - before).to.equal(1);
  });

  it("knows API keys by their scopes, and forgets a revoked one at once", async () => {
    store.keys.set("vk_abc", {
      id: "01890000-0000-7000-8000-000000000009",
      scopes: ["customers:read"],
      owner: user.id,
    });
    expect((await store.http.get("admin/users", { token: "vk_abc" })).status).to.equal(200);
    expect((await store.http.get("admin/audit", { token: "vk_abc" })).status).to.equal(403);
    expect((await store.http.get("me", { token: "vk_abc" })).status).to.equal(403);
    store.keys.delete("vk_abc");
    await store.broker.broadcast("users.apiKeyRevoked", { id: "01890000-0000-7000-8000-000000000009" });
    expect((await store.http.get("admin/users", { token: "vk_abc" })).status).to.equal(401);
  });
});
