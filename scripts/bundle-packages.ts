/**
 * Writes the packages that every store loads into a few files (node_modules/.cache/packages): to find and read their thousand
 * modules one by one was a third of a start. `scripts/bundled-packages.mjs` has them imported from there. Run by every npm script
 * (scripts/bootstrap/packages.mjs) when the lockfile has changed.
 */
import { rmSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import type { Plugin } from "rolldown";

/** What actors import as they start, and what uses those packages: one process has one copy of each. */
export const bundled = [
  "@seald-io/nedb",
  "ajv-formats",
  "ajv/dist/2020.js",
  "csv-parse",
  "csv-stringify/sync",
  "jsonwebtoken",
  "moleculer",
  "moleculer-db",
  "moleculer-db-adapter-mongo",
  "moleculer-db-adapter-sequelize",
  "moleculer-prometheus",
  "moleculer-web",
  "rate-limiter-flexible",
  "sequelize",
  "typebox",
];
/** Imported as they are: parts that are no JavaScript (`argon2`, `sharp`), or needed by some stores alone. */
export const unbundled = [
  "@node-rs/argon2",
  "ioredis",
  "mongodb",
  "nats",
  "nodemailer",
  "pg",
  "prom-client",
  "sharp",
  "standardwebhooks",
  "stripe",
  "umzug",
];
/** Inside of the bundled ones: read when somebody needs them, or tables that are smaller as files of their own. */
const apart = ["glob", "iconv-lite", "mime-db", "moleculer-repl", "moment-timezone", "pino"];

const root = join(import.meta.dirname, "..");
const ENTRY = "\0entry:";

/** The file of a package in the bundle. */
export const fileOf = (name: string): string => `${name.replaceAll(/\W+/g, "-")}.mjs`;

/** A module with the very exports that Node finds in a package, whose names it reads from the source of a CommonJS one. */
async function entryOf(name: string): Promise<string> {
  const names = Object.keys((await import(name)) as object);
  const from = JSON.stringify(name);
  if (!names.includes("module.exports")) {
    const whole = names.includes("default") ? `export { default } from ${from};` : "";
    return `export * from ${from}; ${whole}`;
  }
  const own = names.filter((one) => one !== "default" && one !== "module.exports");
  const lines = own.map((one, at) => `const $${at} = whole.${one}; export { $${at} as ${one} };`);
  return [`import whole from ${from}; export default whole;`, ...lines].join("\n");
}

/** Packages that stay apart are found from the bundle's folder: as another version than their importer's, they would be wrong. */
function checkedApart(name: string, importer: string): { id: string; external: true } {
  const found = (from: string) => createRequire(from).resolve(name);
  if (apart.includes(name) && found(importer) !== found(join(root, "package.json")))
    throw new Error(`${name} is installed in two versions: take it into the bundle.`);
  return { id: name, external: true };
}

async function entries(): Promise<Plugin> {
  const sources = new Map(
    await Promise.all(bundled.map(async (name) => [name, await entryOf(name)] as const)),
  );
  const outside = new Set([...apart, ...unbundled]);
  return {
    name: "packages",
    resolveId(id, importer) {
      if (id.startsWith(ENTRY)) return id;
      return outside.has(id) && importer !== undefined ? checkedApart(id, importer) : null;
    },
    load: (id) => (id.startsWith(ENTRY) ? (sources.get(id.slice(ENTRY.length)) ?? null) : null),
    // V8 keeps a source with a single letter beyond Latin-1 in two bytes a letter.
    renderChunk: (code) => ({
      code: code.replaceAll(
        /[^\0-\x7f]/g,
        (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
      ),
    }),
  };
}

function replace(folder: string, aside: string): void {
  rmSync(folder, { recursive: true, force: true });
  try {
    renameSync(aside, folder);
  } catch (error) {
    // Another command wrote the same at the same time.
    if ((error as NodeJS.ErrnoException).code !== "ENOTEMPTY") throw error;
    rmSync(aside, { recursive: true });
  }
}

async function bundlePackages(folder: string): Promise<void> {
  const { rolldown } = await import("rolldown");
  const build = await rolldown({
    cwd: root,
    platform: "node",
    logLevel: "silent",
    input: Object.fromEntries(bundled.map((name) => [fileOf(name).slice(0, -".mjs".length), ENTRY + name])),
    plugins: [await entries()],
  });
  // Aside first: another command may be starting a store.
  const aside = `${folder}.${process.pid}`;
  await build.write({
    dir: aside,
    format: "esm",
    entryFileNames: "[name].mjs",
    chunkFileNames: "[name]-[hash].mjs",
    comments: { legal: false, jsdoc: false, annotation: false },
  });
  await build.close();
  writeFileSync(
    join(aside, "files.json"),
    JSON.stringify(Object.fromEntries(bundled.map((name) => [name, fileOf(name)]))),
  );
  replace(folder, aside);
}

if (import.meta.main) await bundlePackages(join(root, "node_modules/.cache/packages"));
