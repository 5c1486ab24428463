import { open, rename, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { storeError } from "./store-errors.ts";

/** Characters of lines that one frame of a rewritten file holds at most. */
const FRAME = 1 << 20;

interface Batch {
  lines: string[];
  done: PromiseWithResolvers<void>;
}

/** Lines and the trailer that proves them whole: their CRC-32 and bytes. A reader of plain lines takes it as one more. */
export function frame(lines: string): string {
  return `${lines}{"$$frame":{"crc":${crc32(lines)},"bytes":${Buffer.byteLength(lines)}}}\n`;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * An append-only file whose writers share their fsyncs (group commit): what waits while one batch goes to disk makes the
 * next batch. After a failed write nothing more is accepted: memory and file could differ, and only a restart tells.
 */
export class Journal {
  readonly path: string;
  /** Bytes of the last rewrite, and appended since. */
  compacted = 0;
  appended = 0;
  #file: FileHandle | undefined;
  #waiting: Batch | undefined;
  #writing: Promise<void> | undefined;
  #failure: Error | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** Queues lines, each ending in a line break; they are on disk when a later `flushed()` resolves. */
  append(lines: string): void {
    if (this.#failure) throw this.#failure;
    this.#waiting ??= { lines: [], done: Promise.withResolvers() };
    this.#waiting.lines.push(lines);
    this.#writing ??= this.#write();
  }

  /** Resolves when all that was appended before this call is on disk; rejects when it may not be. */
  flushed(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    return this.#waiting?.done.promise ?? this.#writing ?? Promise.resolve();
  }

  async #write(): Promise<void> {
    await Promise.resolve();
    while (this.#waiting) {
      const batch = this.#waiting;
      this.#waiting = undefined;
      // `flushed()` hands this promise out too, and an unheard rejection would end the process.
      batch.done.promise.catch(() => undefined);
      this.#writing = batch.done.promise;
      try {
        const text = frame(batch.lines.join(""));
        this.#file ??= await open(this.path, "a");
        await this.#file.appendFile(text);
        await this.#file.datasync();
        this.appended += text.length;
        batch.done.resolve();
      } catch (error) {
        this.#fail(error, batch);
      }
    }
    this.#writing = undefined;
  }

  #fail(cause: unknown, batch: Batch): void {
    const error = storeError("STORE_UNAVAILABLE", cause);
    this.#failure = error;
    batch.done.reject(error);
    this.#waiting?.done.promise.catch(() => undefined);
    this.#waiting?.done.reject(error);
    this.#waiting = undefined;
  }

  /** Replaces the whole file, or leaves it as it was: written beside it, fsynced, renamed, and the folder fsynced. */
  async rewrite(lines: Iterable<string>): Promise<void> {
    await this.flushed();
    const beside = `${this.path}~`;
    const file = await open(beside, "w", 0o600);
    let bytes = 0;
    try {
      for (const text of frames(lines)) {
        bytes += text.length;
        await file.appendFile(text);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, this.path);
    await syncFolder(dirname(this.path));
    await this.#file?.close();
    this.#file = undefined;
    this.compacted = bytes;
    this.appended = 0;
  }

  async close(): Promise<void> {
    await this.flushed().catch(() => undefined);
    this.#failure ??= storeError("STORE_UNAVAILABLE", new Error(`${this.path} is closed`));
    await this.#file?.close();
    this.#file = undefined;
  }
}

/** At least one frame, so that a file which this store made always starts with one. */
function* frames(lines: Iterable<string>): Generator<string> {
  let text = "";
  let any = false;
  for (const line of lines) {
    text += `${line}\n`;
    if (text.length < FRAME) continue;
    yield frame(text);
    any = true;
    text = "";
  }
  if (text !== "" || !any) yield frame(text);
}
