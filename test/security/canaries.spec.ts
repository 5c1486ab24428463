import { expect } from "chai";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { ActionMap } from "../../services/contracts.ts";
import { eventually } from "../helpers/eventually.ts";
import { httpOf } from "../helpers/http.ts";
import { anOrder, freshKey } from "../helpers/shop.ts";
import { freePort } from "../helpers/store.ts";

describe("what a store writes to its log and keeps of its traces", function () {
  this.timeout(60_000);

  it("holds no password, token, secret or address of a person, at the chattiest level (check 46)", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "valence-"));
    const port = await freePort();
    const script = join(import.meta.dirname, "../../scripts/start-store.ts");
    const child = spawn(process.execPath, [script], {
      env: {
        ...process.env,
        PORT: String(port),
        DATA_DIR: dataDir,
        LOGLEVEL: "trace",
        TRACING_SAMPLE: "1",
        RATE_LIMITS: "off",
        PASSWORD_COST: "cheap",
        ADMIN_PASSWORD: "canary-admin-password",
      },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (chunk) => (output += String(chunk)));
    try {
      const http = httpOf(`http://127.0.0.1:${port}`);
      await eventually(() => output.includes("Valence is ready"), 40_000);
      const start = output.length;
      const secrets = await leaveTraces(http);
      await eventually(() => output.slice(start).includes('"action":"users.login"'));
      child.kill("SIGTERM");
      await once(child, "exit");
      for (const secret of ["canary", "tok_visa", ...secrets])
        for (const text of [output, tracesIn(dataDir)])
          expect(around(text, secret), secret.slice(0, 12)).to.equal(undefined);
    } finally {
      child.kill("SIGKILL");
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});

/** Everything that the store's table of kept traces holds. */
function tracesIn(dataDir: string): string {
  const database = new DatabaseSync(join(dataDir, "traces.sqlite"));
  const rows = [
    ...database.prepare("select * from traces").all(),
    ...database.prepare("select span from spans").all(),
  ];
  database.close();
  expect(rows.length).to.be.greaterThan(50);
  return JSON.stringify(rows);
}

const around = (text: string, word: string): string | undefined => {
  const at = text.indexOf(word);
  return at < 0 ? undefined : text.slice(Math.max(0, at - 200), at + 200);
};

/** Uses every door that a secret passes; answers the secrets that the store made. */
async function leaveTraces(http: ReturnType<typeof httpOf>): Promise<string[]> {
  const email = "canary-address@example.org";
  const password = "canary-password";
  await http.post("auth/register", { email, password, name: "canary-name" });
  await http.post("auth/login", { email, password: "canary-wrong-password" });
  const login = await http.post<ActionMap["users.login"]["returns"]>("auth/login", { email, password });
  expect(login.status).to.equal(200);
  const token = login.body.accessToken;
  const cookie = (login.headers.get("set-cookie") ?? "").split(";")[0] as string;
  await http.post("auth/password/forgot", { email });
  await http.post("auth/password/reset", { token: "canary-reset-token-of-nobody", password });
  await http.post("auth/refresh", {}, { headers: { cookie: "refresh=canary-refresh" } });
  await http.get("me", { token: "canary.jwt.token" });
  await http.get("me", { token: "vk_canary" });
  await http.get(`admin/users?q=${email}`, { token });
  await http.post("auth/login", '{"email": "canary-broken');
  await http.request("PUT", "me/password", {
    token,
    body: { current: "canary-wrong", password: "canary-next-password" },
  });
  await http.post("orders", anOrder([{ sku: "NO-SUCH", quantity: 1 }], { email }), { key: freshKey() });
  await http.post("payments/webhooks/test", '{"canary":1}', { headers: { "x-signature": "canary" } });
  const cart = await http.post<{ id: string; secret: string }>("carts", {});
  await http.get(`carts/${cart.body.id}`, { headers: { "x-cart-secret": cart.body.secret } });
  await http.get("/canary-path?token=canary");
  return [token, cookie.slice("refresh=".length), cart.body.secret].filter((secret) => secret.length > 10);
}
