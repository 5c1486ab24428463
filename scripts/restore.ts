/** `npm run restore -- <folder>`: puts a backup into an empty data folder, verified on both sides. */
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { isFolderLocked } from "../mixins/data-folder.ts";
import { environment } from "../moleculer.config.ts";
import { countRows, hashOf, readManifest, type BackedUp } from "./backup/manifest.ts";

const help = `npm run restore -- <folder> [--data <folder>]

Copies a backup into the data folder (DATA_DIR, or --data), which must be empty or not there, and whose store must not run.
Every file is compared with its hash before and after, and every database is read through and its rows are counted.
Exit code 0: all is there. 1: nothing was put in place that is not as the backup says.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { data: { type: "string" }, help: { type: "boolean" } },
});

async function check({ file, sha256, rows }: BackedUp, folder: string): Promise<void> {
  const path = join(folder, file);
  if (basename(file) !== file || !existsSync(path)) throw new Error(`${file} is missing in ${folder}.`);
  if ((await hashOf(path)) !== sha256)
    throw new Error(`${path} is not what was backed up: its hash differs.`);
  if (rows && !isDeepStrictEqual(countRows(path), rows))
    throw new Error(`${path} has other rows than it had.`);
}

async function restore(from: string, to: string): Promise<string> {
  const { at, files } = readManifest(from);
  if (existsSync(to)) {
    if (isFolderLocked(to)) throw new Error(`A store runs on ${to}; stop it first.`);
    if (readdirSync(to).length > 0) throw new Error(`${to} is not empty; move it away first.`);
  }
  // All of them before anything is written.
  for (const file of files) await check(file, from);
  mkdirSync(to, { recursive: true });
  chmodSync(to, 0o700);
  for (const { file } of files) {
    copyFileSync(join(from, file), join(to, file));
    chmodSync(join(to, file), 0o600);
  }
  for (const file of files) await check(file, to);
  const rows = files.flatMap((file) => Object.values(file.rows ?? {})).reduce((sum, n) => sum + n, 0);
  return `${files.length} files with ${rows} rows, as of ${at}, are in ${to}. \`npm run verify\` checks the invariants.`;
}

const [source] = positionals;
if (values.help === true || source === undefined) {
  console.log(help);
  process.exitCode = values.help === true ? 0 : 1;
} else {
  try {
    console.log(await restore(resolve(source), resolve(values.data ?? environment()["DATA_DIR"] ?? "data")));
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
