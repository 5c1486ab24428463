import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Bytes by name. A name's bytes never change, so a second write of one is harmless. */
export interface Blobs {
  /** On disk once it answers. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  get(name: string): Promise<Uint8Array | undefined>;
  remove(name: string): Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds that a write waits while a backup takes its cut. */
const BUSY_MS = 5000;

/** One SQLite file beside the collections: nothing of it stays in memory, and a backup copies it like every database. */
export function sqliteBlobs(dataDir: string, name: string): Blobs {
  const database = new DatabaseSync(join(dataDir, `${name}.sqlite`), { timeout: BUSY_MS });
  database.exec("pragma journal_mode = wal; pragma synchronous = full; pragma auto_vacuum = incremental");
  database.exec("create table if not exists blobs (name text primary key, bytes blob not null) strict");
  const put = database.prepare("insert into blobs (name, bytes) values (?, ?) on conflict (name) do nothing");
  const get = database.prepare("select bytes from blobs where name = ?");
  const remove = database.prepare("delete from blobs where name = ?");
  return {
    put: async (key, bytes) => void put.run(key, bytes),
    get: async (key) => get.get(key)?.bytes as Uint8Array | undefined,
    remove: async (key) => void remove.run(key),
    close: async () => database.close(),
  };
}

/** The actor's blobs: in its MongoDB when there is an address, so that every node has them, else in the data folder. */
export async function openBlobs(dataDir: string, name: string, url: string | undefined): Promise<Blobs> {
  if (url === undefined) return sqliteBlobs(dataDir, name);
  const { mongoBlobs } = await import("./blobs-mongo.ts");
  return mongoBlobs(url, name);
}
