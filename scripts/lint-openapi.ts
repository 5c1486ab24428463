/** `npm run lint:openapi`: makes the API's document of the contracts and asks Redocly and Spectral (OWASP rules) about it. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { apiDocument } from "../services/api-document.ts";

const root = join(import.meta.dirname, "..");
const tools = join(root, "tools");

const linters: Readonly<Record<string, (file: string) => string[]>> = {
  redocly: (file) => ["lint", file, "--config", "redocly.yaml", "--format", "stylish"],
  spectral: (file) => ["lint", file, "--ruleset", "spectral.yaml", "--fail-severity", "warn", "--quiet"],
};

function run(command: string, args: readonly string[], cwd: string): boolean {
  const env = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };
  return spawnSync(command, args, { cwd, env, stdio: "inherit" }).status === 0;
}

function lint(): boolean {
  if (!run("bash", ["scripts/ci/tools.sh"], root)) return false;
  const folder = mkdtempSync(join(tmpdir(), "valence-openapi-"));
  const file = join(folder, "openapi.json");
  writeFileSync(file, JSON.stringify(apiDocument(), null, 2));
  const results = Object.entries(linters).map(([name, args]) => {
    const bin = join(tools, "node_modules/.bin", name);
    const fine = run(process.execPath, [bin, ...args(file)], tools);
    console.log(`${name}: ${fine ? "0 errors, 0 warnings" : "FAILED"}`);
    return fine;
  });
  rmSync(folder, { recursive: true, force: true });
  const passed = results.filter(Boolean).length;
  console.log(`${passed} passed, ${results.length - passed} failed`);
  return passed === results.length;
}

if (process.argv.includes("--help"))
  console.log(
    "npm run lint:openapi: lints the document of the API; its rules stand in tools/. It takes no options.",
  );
else process.exitCode = lint() ? 0 : 1;
