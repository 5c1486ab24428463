import { execFileSync } from "node:child_process";
import process from "node:process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { freePort } from "../lib/store-process.ts";
import { startChild, untilUp, type Child } from "./child.ts";
import { findProgram } from "./programs.ts";

export interface PostgresServer {
  readonly child: Child;
  url(database: string): string;
  /** Ends every process of the server at once, as the machine's kernel would. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Every process of the server stands still for so many milliseconds, as on a disk that does not answer. */
  stall(ms: number): Promise<void>;
  stop(): Promise<void>;
}

/** The server refuses to run as root, so the user that Debian made for it takes over there. */
const asServer = (command: string, args: readonly string[]): [string, string[]] =>
  process.getuid?.() === 0 ? ["runuser", ["-u", "postgres", "--", command, ...args]] : [command, [...args]];

function run(command: string, args: readonly string[], cwd: string): void {
  execFileSync(...asServer(command, args), { cwd, stdio: ["ignore", "pipe", "pipe"] });
}

/** As root: the folder becomes the server's, and the one above lets it pass. */
const owner = (folder: string): void => {
  if (process.getuid?.() !== 0) return;
  chmodSync(dirname(folder), 0o711);
  execFileSync("chown", ["postgres", folder]);
};

async function connects(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

/** Makes the databases that are not there yet. */
export async function makeDatabases(url: string, names: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const there = await client.query<{ datname: string }>("select datname from pg_database");
    const known = new Set(there.rows.map(({ datname }) => datname));
    const missing = names.filter((name) => !known.has(name));
    for (const name of missing) await client.query(`create database "${name}"`);
    // Their files are on disk from here on; a recovery after a kill would have to bring them there. Not every user may.
    if (missing.length > 0) await client.query("checkpoint").catch(() => undefined);
  } finally {
    await client.end();
  }
}

const dataIn = (folder: string): string => join(folder, "data");

/** The process that listens: `runuser` stands before it when root started it. */
const postmaster = (data: string): number | undefined => {
  const file = join(data, "postmaster.pid");
  return existsSync(file) ? Number(readFileSync(file, "utf8").split("\n")[0]) : undefined;
};

const childrenOf = (pid: number): number[] => {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
};

/** A socket's path has room for some 100 bytes (`sun_path`), and its name takes 20 of them. */
const longestFolder = 80;

/**
 * Where the server's Unix socket lies; undefined where it listens to TCP alone. Between processes of one machine the socket costs a
 * checkout 8 % less than TCP (error 3 %).
 */
const socketFolder = (folder: string): string | undefined =>
  process.platform !== "win32" && folder.length <= longestFolder ? folder : undefined;

/** Makes the folder's database cluster when there is none yet; answers the command that serves it. */
function prepare(folder: string, port: number): [string, string[]] {
  const initdb = findProgram("initdb");
  if (initdb === undefined) throw new Error("PostgreSQL is not installed.");
  const data = dataIn(folder);
  mkdirSync(folder, { recursive: true });
  owner(folder);
  if (!existsSync(data)) {
    const options = ["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"];
    run(initdb, ["-D", data, ...options], folder);
  }
  const settings = [
    `port=${port}`,
    "listen_addresses=127.0.0.1",
    "max_connections=400",
    "shared_buffers=128MB",
    // Transactions of two nodes that wait for one another are told soon, and one of them is worked again.
    "deadlock_timeout=200ms",
    // A process is not renamed for each statement: 5 % more checkouts on 2 cores (pg_stat_activity says the same and more).
    "update_process_title=off",
    // After a kill: one sync of the file system, not one of each of the thousands of files of nine databases,
    "recovery_init_sync_method=syncfs",
    // and little to write before the first connection: a recovery ends with a checkpoint.
    "checkpoint_timeout=30s",
  ];
  const options = settings.flatMap((setting) => ["-c", setting]);
  return asServer(join(dirname(initdb), "postgres"), [
    "-D",
    data,
    "-k",
    socketFolder(folder) ?? "",
    ...options,
  ]);
}

/** Starts the server and waits until it takes connections; what a killed one left in memory may still be going away. */
async function serve(folder: string, [command, args]: [string, string[]], url: string): Promise<Child> {
  const log = (line: string) => writeFileSync(join(folder, "server.log"), `${line}\n`, { flag: "a" });
  for (const deadline = performance.now() + 30_000; ; await delay(50)) {
    const child = startChild(command, args, { cwd: folder }, log);
    try {
      await untilUp("PostgreSQL", child, () => connects(url), 30_000);
      return child;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
  }
}

function tell(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended meanwhile.
    }
  }
}

/** Sends the signal to the server, SIGKILL to each of its processes, and waits for the end. */
async function end(folder: string, child: Child, signal: NodeJS.Signals): Promise<void> {
  const pid = postmaster(dataIn(folder));
  if (pid === undefined || !child.running) return;
  tell(signal === "SIGKILL" ? [pid, ...childrenOf(pid)] : [pid], signal);
  while (child.running) await delay(5);
}

/** Starts a PostgreSQL server of its own, durable as in production, on a free port; the data stays in the folder. */
export async function startPostgres(place: string): Promise<PostgresServer> {
  const folder = resolve(place);
  const port = await freePort();
  const command = prepare(folder, port);
  const socket = socketFolder(folder);
  const query = socket === undefined ? "" : `?host=${encodeURIComponent(socket)}`;
  const url = (database: string): string => `postgres://postgres@127.0.0.1:${port}/${database}${query}`;
  const start = () => serve(folder, command, url("postgres"));
  let child = await start();
  return {
    get child() {
      return child;
    },
    url,
    kill: () => end(folder, child, "SIGKILL"),
    async stall(ms) {
      const pid = postmaster(dataIn(folder));
      if (pid === undefined) return;
      // The postmaster first: it starts no other while it stands.
      tell([pid], "SIGSTOP");
      const all = [pid, ...childrenOf(pid)];
      tell(all, "SIGSTOP");
      await delay(ms);
      // `runuser` stands still by itself when its child does.
      tell([...all.reverse(), child.pid], "SIGCONT");
    },
    async restart() {
      child = await start();
    },
    stop: () => end(folder, child, "SIGINT"),
  };
}
