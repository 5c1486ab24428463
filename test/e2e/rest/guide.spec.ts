import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import type { ActionMap } from "../../../services/contracts.ts";
import { startStore, type TestStore } from "../../helpers/store.ts";

const run = promisify(execFile);
const guide = readFileSync(join(import.meta.dirname, "../../../docs/integrators.md"), "utf8");
const blocks = [...guide.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, code]) => code as string);
const password = "correct horse battery staple";

describe("the integrators' guide", function () {
  this.timeout(60_000);
  let store: TestStore;
  let folder: string;
  before(async () => {
    store = await startStore({ seed: true, env: { SANDBOX: "on" } });
    folder = mkdtempSync(join(tmpdir(), "valence-guide-"));
  });
  after(async () => {
    await store.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("has no command that fails, and each does what it says", async () => {
    const email = "ops@example.com";
    await store.call("users.create", { email, password, name: "Ops", role: "admin" });
    const { accessToken: token } = await store.call("users.login", { email, password });
    const scopes = ["orders:read", "events:read", "webhooks:write", "sandbox:write"];
    const key = await store.http.post<ActionMap["users.createApiKey"]["returns"]>(
      "api-keys",
      { name: "guide", scopes },
      { token },
    );
    const script = `set -e\n${blocks.map((block) => `${block}\necho; echo ----\n`).join("")}`;
    const env = { PATH: process.env["PATH"] ?? "", STORE: store.url, API_KEY: key.body.key };
    const { stdout } = await run("sh", ["-c", script], { cwd: folder, env });
    const [, sku, order, orders, refusal, events, endpoint] = stdout
      .split("----\n")
      .map((text) => text.trim());
    expect(sku).to.match(/^[A-Z0-9-]+$/);
    expect(JSON.parse(order ?? "")).to.deep.include({ status: "confirmed" });
    expect((JSON.parse(orders ?? "") as { data: unknown[] }).data).to.have.length(1);
    expect(JSON.parse(refusal ?? "")).to.deep.include({ code: "VALIDATION_ERROR" });
    expect(JSON.parse(events ?? "")).to.have.property("page");
    expect((JSON.parse(endpoint ?? "") as { secret: string }).secret).to.match(/^whsec_/);
  });
});
