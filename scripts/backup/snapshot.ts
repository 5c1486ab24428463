import { closeSync, createReadStream, createWriteStream, fstatSync, openSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { pipeline } from "node:stream/promises";

/** Databases of the data folder that one process holds for itself, and what lies beside a database. */
const PASSING = /^lock\.sqlite|-(wal|shm|journal)$|~$|\.\d+$/;
const isDatabase = (name: string): boolean => name.endsWith(".sqlite");
/** Milliseconds that a writer may take to end its transaction. */
const patience = 5000;

/** What the folder held at one instant; the store works on meanwhile. */
export interface Snapshot {
  readonly at: string;
  /** How long no actor could commit, in milliseconds. */
  readonly heldMs: number;
  readonly names: readonly string[];
  copy(name: string, to: string): Promise<void>;
  close(): void;
}

function openHeld(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: patience });
  database.exec("begin immediate");
  return database;
}

function openView(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { readOnly: true, timeout: patience });
  database.exec("begin");
  // The view begins with the first read.
  database.prepare("select count(*) from sqlite_schema").get();
  return database;
}

/**
 * One instant of all actors' files. Each database is kept from committing while a view of each is opened, which takes
 * milliseconds; the copies are made of the views. The cut is that of a power failure at that instant, which every saga,
 * outbox and inbox is made to survive. Collections are append-only files: their length at that instant is the cut.
 */
export function snapshot(folder: string): Snapshot {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !PASSING.test(entry.name))
    .map(({ name }) => name)
    .sort();
  const path = (name: string) => join(folder, name);
  const databases = names.filter(isDatabase);
  const held: DatabaseSync[] = [];
  const views = new Map<string, DatabaseSync>();
  const files = new Map<string, { fd: number; size: number }>();
  const started = performance.now();
  try {
    for (const name of databases) held.push(openHeld(path(name)));
    for (const name of databases) views.set(name, openView(path(name)));
    for (const name of names.filter((one) => !isDatabase(one))) {
      const fd = openSync(path(name), "r");
      files.set(name, { fd, size: fstatSync(fd).size });
    }
  } finally {
    for (const database of held) database.close();
  }
  return {
    at: new Date().toISOString(),
    heldMs: performance.now() - started,
    names,
    async copy(name, to) {
      const view = views.get(name);
      if (view) await backup(view, to, { rate: 4096 });
      else {
        const { fd, size } = files.get(name) as { fd: number; size: number };
        const from =
          size === 0 ? [] : createReadStream("", { fd, autoClose: false, start: 0, end: size - 1 });
        await pipeline(from, createWriteStream(to, { mode: 0o600, flush: true }));
      }
    },
    close() {
      for (const view of views.values()) view.close();
      for (const { fd } of files.values()) closeSync(fd);
    },
  };
}
