import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { eventually } from "../../helpers/eventually.ts";
import { freePort } from "../../helpers/store.ts";

const shipped = new URL("../../../deploy/haproxy/haproxy.cfg", import.meta.url);

/** A stand-in for a gateway: what it says of itself, and what it was asked. */
class Gateway {
  #ready = true;
  /** How often the balancer was told whether this one is ready; it believes the second time. */
  #told = 0;
  /** `cut`: takes a request and ends the connection without a word. */
  answers: 200 | 503 | "cut" = 200;
  readonly asked: string[] = [];
  readonly #server: Server = createServer((req, res) => {
    const { method = "", url = "" } = req;
    if (url === "/health/live") return void res.end();
    if (url === "/health/ready") {
      this.#told += 1;
      return void res.writeHead(this.#ready ? 200 : 503).end();
    }
    this.asked.push(`${method} ${url}`);
    if (this.answers === "cut") return void req.socket.destroy();
    res.writeHead(this.answers).end("asked");
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }
  /** Says from now on whether it is ready; resolves when the balancer knows. */
  async turn(ready: boolean): Promise<void> {
    this.#ready = ready;
    this.#told = 0;
    await eventually(() => this.#told > 3, 10_000);
  }
  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** The shipped configuration on a free port, with the gateways by address instead of by a name of Docker's. */
function configuration(port: number, gateways: readonly string[]): string {
  const servers = gateways.map((address, n) => `  server gateway-${n} ${address}`).join("\n");
  const text = readFileSync(shipped, "utf8")
    .replace("bind :8080", `bind 127.0.0.1:${port}`)
    .replaceAll(/^ *server-template .*$/gm, servers)
    // Soon, but as patient with an answer as before: this machine may be busy.
    .replaceAll("check inter 1s", "check inter 50ms")
    .replace("timeout connect 2s", "timeout connect 2s\n  timeout check 5s")
    .replaceAll(" resolvers docker init-addr none", "")
    .replace(/^resolvers docker\n(?: .*\n)*/m, "");
  expect(text).not.to.match(/docker|template/);
  return text;
}

describe("the balancer of the compose store", function () {
  this.timeout(30_000);
  const gateways = [new Gateway(), new Gateway()];
  let folder: string | undefined;
  let haproxy: ChildProcess | undefined;
  let url = "";

  const asked = () => gateways.map((gateway) => gateway.asked.length);
  const ask = (method = "GET") =>
    fetch(`${url}/api/v1/thing`, { method, ...(method === "POST" && { body: "{}" }) });
  /** Asks until the balancer has seen what has changed. */
  const settle = async (isSo: (asked: readonly number[]) => boolean) => {
    await eventually(async () => {
      for (const gateway of gateways) gateway.asked.length = 0;
      for (let n = 0; n < 6; n++) await ask().then((answer) => answer.text());
      return isSo(asked());
    }, 10_000);
    for (const gateway of gateways) gateway.asked.length = 0;
  };

  before(async function () {
    if (spawnSync("haproxy", ["-v"]).status !== 0) {
      console.log("      !!! SKIPPED: haproxy is not installed (Debian: apt-get install haproxy)");
      this.skip();
    }
    const addresses = await Promise.all(gateways.map((gateway) => gateway.start()));
    const port = await freePort();
    folder = mkdtempSync(join(tmpdir(), "valence-haproxy-"));
    const file = join(folder, "haproxy.cfg");
    writeFileSync(file, configuration(port, addresses));
    haproxy = spawn("haproxy", ["-db", "-f", file], { stdio: "ignore" });
    url = `http://127.0.0.1:${port}`;
    await eventually(async () => (await ask()).status === 200, 10_000);
  });
  beforeEach(async () => {
    for (const gateway of gateways) gateway.answers = 200;
    await Promise.all(gateways.map((gateway) => gateway.turn(true)));
    await settle((counts) => counts.every((count) => count > 0));
  });
  after(async () => {
    if (haproxy?.exitCode === null) {
      haproxy.kill("SIGKILL");
      await once(haproxy, "exit");
    }
    for (const gateway of gateways) gateway.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  const [one, two] = gateways as [Gateway, Gateway];

  it("asks both while both are ready, and only the other once one is not", async () => {
    await one.turn(false);
    await settle(([first, second]) => first === 0 && second === 6);
    await one.turn(true);
    await settle((counts) => counts.every((count) => count > 0));
  });

  it("asks those that live when none is ready: what works goes on", async () => {
    await Promise.all([one.turn(false), two.turn(false)]);
    await settle((counts) => counts.every((count) => count > 0));
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask()));
    expect(answers.map(({ status }) => status)).to.deep.equal(Array.from({ length: 10 }, () => 200));
    expect((await ask("POST")).status).to.equal(200);
  });

  it("tries a read at the other when one says 503 or says nothing", async () => {
    for (const answer of [503, "cut"] as const) {
      one.answers = answer;
      const statuses = await Promise.all(
        Array.from({ length: 10 }, () => ask().then(({ status }) => status)),
      );
      expect(statuses, String(answer)).to.deep.equal(Array.from({ length: 10 }, () => 200));
      expect(asked()[0], String(answer)).to.be.greaterThan(0);
    }
  });

  it("sends a write once when the answer never comes", async () => {
    one.answers = "cut";
    two.answers = "cut";
    // HAProxy says 502, or ends the client's connection as well where its own was used before.
    const answer = await ask("POST").then(
      ({ status }) => status,
      () => "cut",
    );
    expect(answer).to.be.oneOf([502, "cut"]);
    expect([...one.asked, ...two.asked]).to.deep.equal(["POST /api/v1/thing"]);
  });

  it("sends a write once when it is answered by 503", async () => {
    one.answers = 503;
    two.answers = 503;
    expect((await ask("POST")).status).to.equal(503);
    expect([...one.asked, ...two.asked]).to.deep.equal(["POST /api/v1/thing"]);
  });
});
