import { expect } from "chai";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Type } from "typebox";
import { contracts } from "../../../services/contracts.ts";
import { assets } from "../../../services/gateway/gateway.assets.ts";
import { clientAddress } from "../../../services/gateway/gateway.client.ts";
import { encoder } from "../../../services/gateway/gateway.encode.ts";
import { Matcher } from "../../../services/gateway/gateway.matcher.ts";
import { publishedActions } from "../../../services/gateway/gateway.routes.ts";

describe("gateway.matcher", () => {
  const matcher = new Matcher<string>();
  for (const route of [
    "GET /a",
    "POST /a",
    "GET /a/:id",
    "GET /a/:id/b",
    "GET /a/new",
    "GET /a/new/c",
    "DELETE /x/:a/:b",
  ]) {
    const [method = "", path = ""] = route.split(" ");
    matcher.add(method, path, route);
  }
  const find = (method: string, path: string) => {
    const match = matcher.find(method, path);
    return match && [match.route, ...match.values];
  };

  it("finds fixed words before parameters, and goes back where they lead nowhere", () => {
    expect(find("GET", "/a")).to.deep.equal(["GET /a"]);
    expect(find("GET", "/a/1")).to.deep.equal(["GET /a/:id", "1"]);
    expect(find("GET", "/a/new")).to.deep.equal(["GET /a/new"]);
    expect(find("GET", "/a/new/c")).to.deep.equal(["GET /a/new/c"]);
    expect(find("GET", "/a/new/b")).to.deep.equal(["GET /a/:id/b", "new"]);
    expect(find("DELETE", "/x/1/2")).to.deep.equal(["DELETE /x/:a/:b", "1", "2"]);
  });

  it("finds nothing for empty, longer, shorter or differently written paths", () => {
    for (const path of [
      "/",
      "",
      "/a/",
      "//a",
      "/A",
      "/x",
      "/x/1",
      "/x/1/",
      "/x//2",
      "/a/1/b/",
      "/a/1/c",
      "/__proto__",
      "/constructor",
    ])
      expect(find("GET", path), path).to.equal(undefined);
  });

  it("names the methods of a path", () => {
    expect(matcher.find("PUT", "/a")).to.deep.equal({
      route: undefined,
      values: [],
      methods: ["GET", "POST"],
    });
  });
});

describe("gateway.encode", () => {
  const object = (properties: Record<string, ReturnType<typeof Type.String>>) =>
    Type.Object(properties as never);
  const schema = Type.Object({
    id: Type.String(),
    free: Type.Unknown(),
    list: Type.Array(Type.Object({ a: Type.Integer() })),
    maybe: Type.Union([object({ b: Type.String() }), Type.Null()]),
    record: Type.Record(Type.String(), Type.Array(object({ c: Type.String() }))),
  });
  const encode = encoder(schema);

  it("writes what is declared, and drops the rest at every depth", () => {
    const value = {
      id: "1",
      hash: "secret",
      free: { any: 1 },
      list: [{ a: 1 }, { a: 2, secret: 1 }],
      maybe: { b: "x", secret: 1 },
      record: { k: [{ c: "y", secret: 1 }] },
    };
    expect(JSON.parse(encode(value))).to.deep.equal({
      id: "1",
      free: { any: 1 },
      list: [{ a: 1 }, { a: 2 }],
      maybe: { b: "x" },
      record: { k: [{ c: "y" }] },
    });
    expect(value.list[1]).to.have.property("secret");
    expect(JSON.parse(encode({ maybe: null }))).to.deep.equal({ maybe: null });
  });

  it("drops a key that is called like a method of objects", () => {
    expect(encode(JSON.parse('{"id":"1","__proto__":{"x":1},"constructor":2,"toString":3}'))).to.equal(
      '{"id":"1"}',
    );
  });

  it("writes the rows of a list, frozen or not, without what is undeclared", () => {
    const list = encoder(
      Type.Object({
        data: Type.Array(Type.Object({ a: Type.Integer() })),
        page: object({ next: Type.String() }),
      }),
    );
    const frozen = Object.freeze({ a: 1, secret: 1 });
    const answer = { data: [frozen, { a: 2, secret: 1 }, frozen], page: { next: "x" }, secret: 1 };
    for (let time = 0; time < 2; time++)
      expect(JSON.parse(list(answer))).to.deep.equal({
        data: [{ a: 1 }, { a: 2 }, { a: 1 }],
        page: { next: "x" },
      });
    expect(list({ data: [] })).to.equal('{"data":[]}');
  });

  it("can write every published answer", () => {
    for (const { action, name } of publishedActions(contracts))
      expect(() => encoder(action.returns), name).to.not.throw();
  });
});

describe("gateway.client", () => {
  const from = (socket: string, forwarded?: string): IncomingMessage =>
    ({
      socket: { remoteAddress: socket },
      headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded },
    }) as unknown as IncomingMessage;
  const addressOf = clientAddress(["10.0.0.0/8", "fd00::/8", "192.0.2.7"]);

  it("is the socket's address unless that is a trusted proxy", () => {
    expect(addressOf(from("203.0.113.1", "1.2.3.4"))).to.equal("203.0.113.1");
    expect(addressOf(from("::ffff:203.0.113.1"))).to.equal("203.0.113.1");
    expect(clientAddress([])(from("10.1.1.1", "1.2.3.4"))).to.equal("10.1.1.1");
  });

  it("is the right-most address that no trusted proxy has", () => {
    expect(addressOf(from("10.1.1.1", "6.6.6.6, 1.2.3.4"))).to.equal("1.2.3.4");
    expect(addressOf(from("::ffff:10.1.1.1", "6.6.6.6, 1.2.3.4, 192.0.2.7, 10.2.2.2"))).to.equal("1.2.3.4");
    expect(addressOf(from("fd00::1", "2001:db8::1"))).to.equal("2001:db8::1");
  });

  it("is the proxy's when the header says nothing usable", () => {
    for (const header of [undefined, "", "unknown", "1.2.3.4, nonsense", "10.2.2.2"])
      expect(addressOf(from("10.1.1.1", header)), header).to.equal("10.1.1.1");
  });
});

describe("gateway.assets", () => {
  let folder: string;
  let server: Server;
  let url: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "valence-"));
    mkdirSync(join(folder, "dist/assets"), { recursive: true });
    mkdirSync(join(folder, "static/pictures"), { recursive: true });
    writeFileSync(join(folder, "dist/index.html"), "<title>app</title>");
    writeFileSync(join(folder, "dist/assets/index-abcdef12.js"), "1");
    writeFileSync(join(folder, "dist/assets/index-abcdef12.js.map"), "secret");
    writeFileSync(join(folder, "dist/.env"), "secret");
    writeFileSync(join(folder, "static/pictures/a.svg"), "<svg/>");
    writeFileSync(join(folder, "secret.txt"), "secret");
    const files = assets({
      publicDir: folder,
      common: [["X-Content-Type-Options", "nosniff"]],
      page: async ({ res }) => void res.writeHead(200, { "cache-control": "no-cache" }).end("a page"),
    });
    server = createServer((req, res) => {
      const exchange = { req, res, id: "i", path: req.url ?? "", query: "", headers: [], ip: "", values: [] };
      files.serve(exchange).catch(() => res.writeHead(404).end());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  const get = async (path: string, accept = "text/html") => {
    const response = await fetch(url + path, { headers: { accept } });
    return {
      status: response.status,
      text: await response.text(),
      caching: response.headers.get("cache-control"),
    };
  };

  it("serve the app at every address of a page, always fresh", async () => {
    for (const path of ["/", "/products/mug", "/admin/orders"])
      expect(await get(path), path).to.deep.equal({
        status: 200,
        text: "a page",
        caching: "no-cache",
      });
  });

  it("serve no page in the place of a file or to a program", async () => {
    expect((await get("/assets/missing-abcdef12.js")).status).to.equal(404);
    expect((await get("/favicon.ico")).status).to.equal(404);
    expect((await get("/index.html")).status).to.equal(404);
    expect((await get("/pictures")).status).to.equal(404);
    expect((await get("/pictures/missing")).status).to.equal(404);
    expect((await get("/admin/orders", "application/json")).status).to.equal(404);
  });

  it("serve built files for ever and pictures for a week", async () => {
    expect((await get("/assets/index-abcdef12.js")).caching).to.equal("public, max-age=31536000, immutable");
    expect((await get("/pictures/a.svg")).caching).to.equal("public, max-age=604800");
  });

  it("serve neither source maps nor dotfiles nor the folder above", async () => {
    for (const path of [
      "/assets/index-abcdef12.js.map",
      "/.env",
      "/..%2fsecret.txt",
      "/%2e%2e/secret.txt",
      "/secret.txt",
    ])
      expect((await get(path)).text, path).to.not.contain("secret");
  });
});
