import { expect } from "chai";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { precompressed } from "../../../services/gateway/gateway.precompressed.ts";

describe("files of the build", () => {
  const folder = mkdtempSync(join(tmpdir(), "valence-dist-"));
  mkdirSync(join(folder, "assets"));
  for (const name of [
    "index.html",
    "index.html.br",
    "index.html.gz",
    "assets/a.js",
    "assets/a.js.gz",
    "assets/b.woff2",
  ])
    writeFileSync(join(folder, name), "x");
  const best = precompressed(folder);
  after(() => rmSync(folder, { recursive: true }));

  function ask(path: string, accepted?: string): { path: string; headers: Map<string, unknown> } {
    const headers = new Map<string, unknown>();
    const res = { setHeader: (name: string, value: unknown) => (headers.set(name, value), res) };
    const req = { headers: accepted === undefined ? {} : { "accept-encoding": accepted } };
    return { path: best(req as IncomingMessage, res as unknown as ServerResponse, path), headers };
  }

  it("come in the best encoding that the client takes, with their own type", () => {
    const answer = ask("/", "gzip, deflate, br");
    expect(answer.path).to.equal("/index.html.br");
    expect(answer.headers.get("Content-Encoding")).to.equal("br");
    expect(answer.headers.get("Content-Type")).to.equal("text/html; charset=utf-8");
    expect(ask("/index.html", "gzip").path).to.equal("/index.html.gz");
    expect(ask("/assets/a.js", "br, gzip").path).to.equal("/assets/a.js.gz");
  });

  it("come as they are to a client that takes no encoding, or refuses it", () => {
    expect(ask("/assets/a.js").path).to.equal("/assets/a.js");
    expect(ask("/assets/a.js", "gzip;q=0").path).to.equal("/assets/a.js");
    expect(ask("/assets/a.js").headers.get("Vary")).to.equal("Accept-Encoding");
  });

  it("that were not compressed are left alone", () => {
    const answer = ask("/assets/b.woff2", "br");
    expect(answer.path).to.equal("/assets/b.woff2");
    expect(answer.headers.size).to.equal(0);
    expect(ask("/elsewhere.js", "br").path).to.equal("/elsewhere.js");
  });
});
