/** Builds the SPA into public/dist when its sources changed since the last build. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const dist = join(root, "public/dist");
const stamp = join(dist, ".sources");

if (existsSync(join(root, "public/vite.config.ts"))) buildWhenStale();

function buildWhenStale(): void {
  const sources = hashOfSources();
  const built = existsSync(stamp) && existsSync(join(dist, "index.html")) && readFileSync(stamp, "utf8");
  if (built === sources) return;
  process.stderr.write("Building the front end (vite build) ...\n");
  const vite = join(root, "node_modules/vite/bin/vite.js");
  execFileSync(process.execPath, [vite, "build", "public", "--logLevel", "warn"], {
    cwd: root,
    stdio: "inherit",
  });
  writeFileSync(stamp, sources);
}

/** Over the names and bytes of everything that the build reads; the lockfile stands for the packages. */
function hashOfSources(): string {
  const files = globSync("public/**/*", {
    cwd: root,
    exclude: (path) => path === "public/dist" || path.endsWith("node_modules"),
  });
  const hash = createHash("sha256");
  for (const file of ["package-lock.json", ...files.sort()]) {
    const path = join(root, file);
    if (statSync(path).isFile()) hash.update(`${file}\0`).update(readFileSync(path));
  }
  return hash.digest("hex");
}
