import fs from "node:fs";
import os from "node:os";
import type { DatabaseSync } from "node:sqlite";
import { synced } from "./wal-sync.ts";

/**
 * Frames of the log from which on it is brought into the file: 16 MB, where SQLite itself does it at 4 MB. A page that is
 * written again and again is copied a quarter as often, and the log's index still finds a page by one look
 * (https://sqlite.org/walformat.html#the_wal_index_file_format: 4062 frames in its first block).
 */
const FRAMES = 4000;
/** Where the log's index (`-shm`) tells the frames: https://sqlite.org/walformat.html#the_wal_index_header (mxFrame). */
const FRAMES_AT = 16;
/** Transactions from one look at the frames to the next: a look costs 20 us. */
const LOOK_EVERY = 8;

/**
 * Brings one SQLite file's write-ahead log into the file without keeping the main thread waiting for the disk. SQLite's
 * own checkpoint syncs the log, copies it and syncs the file in one piece. Here the log is on disk already
 * (`wal-sync.ts`), it is copied with `synchronous=off`, and the file is synced in libuv's threads. Until that has ended
 * nothing may be written: the first write after a whole checkpoint begins the log anew, over frames that the file on
 * disk may still lack.
 */
export class WalCheckpoint {
  readonly #db: DatabaseSync;
  readonly #file: string;
  readonly #fd: number;
  #index: number | undefined;
  #begun = 0;
  #failure: Error | undefined;
  /** Frames at the last attempt: where a reader of an old state kept it from copying all, the next one can wait. */
  #tried = 0;

  /** @param db the one connection that writes to `file`; its commits no longer checkpoint */
  constructor(db: DatabaseSync, file: string) {
    this.#db = db;
    this.#file = file;
    this.#fd = fs.openSync(file, "r");
    // A process that ended between copy and sync has left its copy to the system's cache, and the log may count as copied.
    fs.fdatasyncSync(this.#fd);
    db.exec("pragma wal_autocheckpoint = 0");
  }

  /** To be awaited before each transaction, with all commits on disk; undefined when there is nothing to wait for. */
  beforeWrite(): Promise<void> | undefined {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return this.#isDue() && this.#copy() ? this.#sync() : undefined;
  }

  /** Never while a transaction begins: the last connection to close deletes a log that counts as copied. */
  close(): void {
    fs.closeSync(this.#fd);
    if (this.#index !== undefined) fs.closeSync(this.#index);
  }

  #isDue(): boolean {
    this.#begun += 1;
    if (this.#begun % LOOK_EVERY !== 0) return false;
    const frames = this.#frames();
    if (frames < this.#tried) this.#tried = 0;
    if (frames < this.#tried + FRAMES) return false;
    this.#tried = frames;
    return true;
  }

  #frames(): number {
    this.#index ??= fs.openSync(`${this.#file}-shm`, "r");
    const header = Buffer.alloc(4);
    fs.readSync(this.#index, header, 0, 4, FRAMES_AT);
    return os.endianness() === "LE" ? header.readUInt32LE() : header.readUInt32BE();
  }

  /** A copy that fails, as on a full disk, changes nothing: the log holds all, and the write after it will tell. */
  #copy(): boolean {
    this.#db.exec("pragma synchronous = off");
    try {
      this.#db.exec("pragma wal_checkpoint(passive)");
      return true;
    } catch {
      return false;
    } finally {
      this.#db.exec("pragma synchronous = normal");
    }
  }

  /** After a failed sync nothing more is written, and the log stays as it is. */
  #sync(): Promise<void> {
    return synced(() => this.#fd).catch((error: unknown) => {
      this.#failure = error as Error;
      throw error;
    });
  }
}
