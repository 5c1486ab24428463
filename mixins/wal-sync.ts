import fs from "node:fs";
import { dirname } from "node:path";
import { storeError } from "./store-errors.ts";

/** The folder must know the file too, else a power loss may take all of it. */
function openDurably(path: string): number {
  const fd = fs.openSync(path, "r");
  const folder = fs.openSync(dirname(path), "r");
  try {
    fs.fsyncSync(folder);
  } finally {
    fs.closeSync(folder);
  }
  return fd;
}

/**
 * Resolves when what was written to a file is on disk; begins at once, and waits in libuv's threads.
 * @throws STORE_UNAVAILABLE, after which nobody knows what is on disk
 */
export async function synced(open: () => number): Promise<void> {
  try {
    const fd = open();
    await new Promise<void>((resolve, reject) => {
      fs.fdatasync(fd, (error) => (error === null ? resolve() : reject(error)));
    });
  } catch (error) {
    throw storeError("STORE_UNAVAILABLE", error);
  }
}

/**
 * Brings commits of one SQLite file to disk: with `synchronous=normal` a commit is in the write-ahead log but not synced
 * (https://sqlite.org/pragma.html#pragma_synchronous), so the log is synced here, in libuv's threads, while the main
 * thread works for other actors. Nothing may be answered or read before `onDisk` has resolved. After a failed sync nobody
 * knows what is on disk, and a second one may lie: nothing more is accepted, and only a restart tells.
 */
export class WalSync {
  readonly #path: string;
  #fd: number | undefined;
  #running: Promise<void> | undefined;
  #failure: Error | undefined;

  constructor(database: string) {
    this.#path = `${database}-wal`;
  }

  /** Resolves when all that was committed is on disk; undefined when it is already, which is most often. */
  onDisk(): Promise<void> | undefined {
    return this.#failure === undefined ? this.#running : Promise.reject(this.#failure);
  }

  /** To be called in the same turn as the commit, so that no reader comes between. */
  committed(): void {
    const before = this.#running;
    const running = (before === undefined ? this.#sync() : before.then(() => this.#sync())).finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    // Whoever waits for it hears of the failure; an unheard rejection would end the process.
    running.catch(() => undefined);
    this.#running = running;
  }

  close(): void {
    if (this.#fd !== undefined) fs.closeSync(this.#fd);
    this.#fd = undefined;
  }

  #sync(): Promise<void> {
    return synced(() => (this.#fd ??= openDurably(this.#path))).catch((error: unknown) => {
      this.#failure = error as Error;
      throw error;
    });
  }
}
