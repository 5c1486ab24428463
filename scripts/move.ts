/** `npm run move -- --to <servers>`: takes an embedded store's data to PostgreSQL and MongoDB, counted and compared. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { databaseSchemes, databaseVariable } from "../config/settings.ts";
import { lockDataFolder } from "../mixins/data-folder.ts";
import type { Migration } from "../mixins/migrations.ts";
import { environment, loadConfig } from "../moleculer.config.ts";
import { makeDatabases } from "./cluster/postgres.ts";
import { moveBlobs } from "./move/blobs.ts";
import { isEqual } from "./move/checksum.ts";
import { moveDocuments } from "./move/documents.ts";
import { moveTables, type Moved } from "./move/tables.ts";

const help = `npm run move -- --to <postgres://...>,<mongodb://...> [--data <folder>]
                [--prefix <word>]

Copies every actor's embedded database to servers: one PostgreSQL database an actor (valence_orders ...), made when it is
missing, and one MongoDB database for the catalogue. An actor's own <ACTOR>_DB_URL counts instead where it is set.
The store must be stopped. Afterwards every table and collection is read on both sides and compared: rows, and a checksum
over all of them. Broken off, it goes on where it stood. The embedded data stays as it was.

  --to <urls>       the servers; a user who may make databases
  --data <folder>   the data folder, instead of DATA_DIR
  --prefix <word>   begins the names of the databases (valence)
Exit code 0: all is there and equal; the variables for the nodes are printed. 1: something differs or failed.`;

const { values } = parseArgs({
  options: {
    to: { type: "string" },
    data: { type: "string" },
    prefix: { type: "string", default: "valence" },
    help: { type: "boolean" },
  },
});

const nameOf = (actor: string): string => `${values.prefix}_${actor}`;
const databaseAt = (server: string, name: string): string => {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
};
/** Without the password. */
const shown = (text: string): string => {
  const url = new URL(text);
  if (url.password !== "") url.password = "***";
  return url.href;
};

/** Where each actor's data goes. */
async function targets(to: string, given: Readonly<Record<string, string | undefined>>) {
  const servers = to.split(",").map((one) => one.trim());
  const postgres = servers.find((url) => /^postgres(ql)?:/.test(url));
  const mongo = servers.find((url) => url.startsWith("mongodb"));
  const actors = Object.keys(databaseSchemes);
  if (postgres !== undefined)
    await makeDatabases(
      postgres,
      actors.filter((actor) => actor !== "products" && !given[actor]).map(nameOf),
    );
  return new Map(
    actors.map((actor) => {
      const server = actor === "products" ? mongo : postgres;
      const url = given[actor] ?? (server === undefined ? undefined : databaseAt(server, nameOf(actor)));
      if (url === undefined)
        throw new Error(`--to names no server for ${actor}; add it, or set ${databaseVariable(actor)}.`);
      return [actor, url] as const;
    }),
  );
}

/** One line a table that is rewritten on a terminal, and told now and then elsewhere. */
function teller(actor: string): (what: string, done: number, of: number) => void {
  let told = performance.now();
  return (what, done, of) => {
    if (done < of && performance.now() - told < 1000) return;
    told = performance.now();
    console.log(`  ${actor} ${what}: ${done} of ${of}`);
  };
}

/** The catalogue: its collections, and the files of its pictures. */
async function moveProducts(folder: string, url: string): Promise<Moved[]> {
  const tell = teller("products");
  const moved: Moved[] = [];
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    const collection = /^products(?:\.(\w+))?\.db$/.exec(name);
    const blobs = /^(products\.\w+)\.sqlite$/.exec(name)?.[1];
    if (collection) moved.push(await moveDocuments(file, collection[1] ?? "products", url, tell));
    if (blobs !== undefined) moved.push(await moveBlobs(file, blobs, url, tell));
  }
  return moved;
}

async function moveActor(folder: string, actor: string, url: string): Promise<Moved[]> {
  if (actor === "products") return moveProducts(folder, url);
  const tell = teller(actor);
  const { default: migrations } = (await import(`../services/${actor}/migrations/index.ts`)) as {
    default: readonly Migration[];
  };
  const moved = await moveTables(join(folder, `${actor}.sqlite`), actor, url, migrations, tell);
  const provider = join(folder, "test-provider.sqlite");
  return actor === "payments" && existsSync(provider)
    ? [...moved, ...(await moveTables(provider, "payments", url, [], tell))]
    : moved;
}

function report(all: readonly Moved[]): number {
  const wrong = all.filter(({ from, to }) => !isEqual(from, to));
  const rows = all.reduce((sum, { from }) => sum + from.rows, 0);
  for (const { what, from, to } of wrong)
    console.error(`${what} differs: ${from.rows} rows (${from.sum}) here, ${to.rows} (${to.sum}) there.`);
  if (wrong.length > 0) return 1;
  console.log(
    `${all.length} tables and collections with ${rows} rows are there, counts and checksums equal.`,
  );
  return 0;
}

async function main(to: string): Promise<number> {
  const { to: _, data } = values;
  const config = loadConfig({ ...environment(), ...(data !== undefined && { DATA_DIR: data }) });
  if (!existsSync(join(config.dataDir, "orders.sqlite")))
    throw new Error(`${config.dataDir} holds no data of a store.`);
  const release = lockDataFolder(config.dataDir);
  const began = performance.now();
  try {
    const where = await targets(to, config.databaseUrls);
    const moved: Moved[] = [];
    for (const [actor, url] of where) moved.push(...(await moveActor(config.dataDir, actor, url)));
    const code = report(moved);
    console.log(`${((performance.now() - began) / 1000).toFixed(1)} s.`);
    if (code !== 0) return code;
    console.log("Every node that runs an actor is told where its data is:");
    for (const [actor, url] of where) console.log(`  ${databaseVariable(actor)}=${shown(url)}`);
    console.log(
      `The secrets stay the same: APP_SECRET_FILE=${join(config.dataDir, "app_secret")} JWT_KEYS_FILE=${join(config.dataDir, "jwt_keys")}`,
    );
    return 0;
  } finally {
    release();
  }
}

if (values.help === true || values.to === undefined) {
  console.log(help);
  process.exit(values.help === true ? 0 : 1);
}
try {
  process.exit(await main(values.to));
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
