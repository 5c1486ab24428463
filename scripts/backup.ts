/** `npm run backup -- <folder>`: a consistent, verified copy of a store's embedded data, while it runs or not. */
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { databaseVariable } from "../config/settings.ts";
import { environment, loadConfig } from "../moleculer.config.ts";
import { countRows, hashOf, manifestName, type BackedUp, type Manifest } from "./backup/manifest.ts";
import { snapshot } from "./backup/snapshot.ts";

const help = `npm run backup -- <folder> [--data <folder>]

Copies every embedded database and the kept secrets to a new folder, all as they were at one instant; the store may run
and take orders meanwhile. Each copy is read through, counted and hashed; backup.json is written last, so a folder with it
is whole. It holds secrets and personal data: keep it closed, and off this machine.

  --data <folder>   the data folder, instead of DATA_DIR
Actors on a database server are not copied; their dump command is printed, and the exit code is 2.
Exit code 0: all is copied. 1: failed. 2: copied, but some actors' data is on servers.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { data: { type: "string" }, help: { type: "boolean" } },
});

function makeTarget(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0) throw new Error(`${folder} is not empty.`);
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o700);
}

function flush(path: string): void {
  const fd = openSync(path, "r");
  fsyncSync(fd);
  closeSync(fd);
}

async function copyAll(from: string, to: string): Promise<{ manifest: Manifest; heldMs: number }> {
  const cut = snapshot(from);
  const files: BackedUp[] = [];
  try {
    for (const name of cut.names) {
      const file = join(to, name);
      await cut.copy(name, file);
      chmodSync(file, 0o600);
      flush(file);
      const rows = name.endsWith(".sqlite") ? { rows: countRows(file) } : {};
      files.push({ file: name, bytes: statSync(file).size, sha256: await hashOf(file), ...rows });
    }
  } finally {
    cut.close();
  }
  return { manifest: { format: 1, at: cut.at, files }, heldMs: cut.heldMs };
}

/** Commands for what lies on servers; the URL stays a variable, it holds a password. */
const dumpsOf = (actors: readonly string[], to: string): string[] =>
  actors.map((actor) =>
    actor === "products"
      ? `  mongodump --uri "$PRODUCTS_DB_URL" --archive=${join(to, "products.archive")}`
      : `  pg_dump --format=custom --file=${join(to, `${actor}.dump`)} "$${databaseVariable(actor)}"`,
  );

async function main(): Promise<number> {
  const [target] = positionals;
  if (values.help === true || target === undefined) {
    console.log(help);
    return values.help === true ? 0 : 1;
  }
  const config = loadConfig({
    ...environment(),
    ...(values.data !== undefined && { DATA_DIR: values.data }),
  });
  const to = resolve(target);
  makeTarget(to);
  const started = performance.now();
  const { manifest, heldMs } = await copyAll(config.dataDir, to);
  if (!manifest.files.some(({ file }) => /\.(sqlite|db)$/.test(file)))
    throw new Error(`${config.dataDir} holds no data of a store.`);
  writeFileSync(join(to, manifestName), `${JSON.stringify(manifest, null, 2)}\n`, {
    mode: 0o600,
    flush: true,
  });
  flush(to);
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `${manifest.files.length} files, ${(bytes / 1e6).toFixed(1)} MB, as of ${manifest.at}, verified in ${seconds} s; ` +
      `no commit for ${heldMs.toFixed(0)} ms.`,
  );
  const onServers = Object.keys(config.databaseUrls).filter((actor) => config.databaseUrls[actor]);
  if (onServers.length === 0) return 0;
  console.log(`Not copied, because they are on servers:\n${dumpsOf(onServers, to).join("\n")}`);
  return 2;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
