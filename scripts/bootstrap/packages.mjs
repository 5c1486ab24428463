import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, say } from "./report.mjs";

const SCRIPT = join(root, "scripts/bundle-packages.ts");
const STAMP = join(root, "node_modules/.cache/packages/.sources");
/** Installed without development packages there is nothing to bundle with; a store then reads its packages one by one. */
const BUNDLER = join(root, "node_modules/rolldown");

/** The lockfile stands for the packages. */
function hashOfSources() {
  const hash = createHash("sha256");
  for (const file of [join(root, "package-lock.json"), SCRIPT]) hash.update(readFileSync(file));
  return hash.digest("hex");
}

/** Whether the installed packages are bundled. */
export const areBundled = () => existsSync(STAMP) && readFileSync(STAMP, "utf8") === hashOfSources();

/** Bundles the installed packages, unless they are. */
export async function bundlePackages(runNode) {
  if (!existsSync(BUNDLER) || areBundled()) return;
  say("Bundling the packages that every store loads ...");
  await runNode(SCRIPT, []);
  writeFileSync(STAMP, hashOfSources());
}
