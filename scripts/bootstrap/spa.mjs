import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { root, say } from "./report.mjs";
import { toolFile } from "./tools.mjs";

const SPA = join(root, "public");
const DIST = join(SPA, "dist");
const STAMP = join(DIST, ".sources");

/** Builds the front end into public/dist when its sources changed since the last build. */
export async function buildSpa(runNode) {
  if (!existsSync(join(SPA, "vite.config.ts"))) return;
  const sources = hashOfSources();
  if (existsSync(join(DIST, "index.html")) && existsSync(STAMP) && readFileSync(STAMP, "utf8") === sources)
    return;
  say("Building the front end (vite build) ...");
  await runNode(toolFile("vite"), ["build", "public", "--logLevel", "warn"]);
  await runNode(toolFile("vite"), ["build", "public", "--ssr", "src/server/render.ts", "--logLevel", "warn"]);
  writeFileSync(STAMP, sources);
}

/** Over the names and bytes of everything that the build reads; the lockfile stands for the packages. */
function hashOfSources() {
  const hash = createHash("sha256").update(readFileSync(join(root, "package-lock.json")));
  const files = readdirSync(SPA, { recursive: true }).map(String);
  for (const file of files.filter((name) => !/^dist\b|\bnode_modules\b/.test(name)).sort()) {
    const path = join(SPA, file);
    if (statSync(path).isFile()) hash.update(`${relative(root, path)}\0`).update(readFileSync(path));
  }
  return hash.digest("hex");
}
