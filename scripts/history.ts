import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, type WriteStream } from "node:fs";
import { createInterface } from "node:readline";

/**
 * One request of one client and what it was told, as a JSON line. A request whose answer never came has no `status`: its effect
 * may have happened or not, but not twice.
 */
export interface HistoryEntry {
  client: string;
  op: "place" | "read";
  /** UTC, when it was sent. */
  at: string;
  /** Idempotency-Key, with a mark of whose it is. */
  key?: string;
  /** Hash of the body that was sent. */
  sent?: string;
  status?: number;
  /** Hash of the body that came back. */
  answer?: string;
  order?: { id: string; total: number; lines: { sku: string; quantity: number }[] };
  /** Whose order the client asked for, and whose it got. */
  owner?: string;
  gotOwner?: string;
}

/** A short hash of any JSON value. */
export const digest = (value: unknown): string =>
  createHash("sha256")
    .update(JSON.stringify(value) ?? "")
    .digest("base64url")
    .slice(0, 22);

/** Appends entries to a file; each is a line of its own. */
export class HistoryWriter {
  readonly #out: WriteStream;

  constructor(file: string) {
    this.#out = createWriteStream(file, { flags: "a" });
  }

  add(entry: HistoryEntry): void {
    this.#out.write(`${JSON.stringify(entry)}\n`);
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#out.end(resolve));
  }
}

/** Reads the entries of files one after the other; a torn last line is left out. */
export async function* readHistory(files: readonly string[]): AsyncGenerator<HistoryEntry> {
  for (const file of files)
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
      if (!line.endsWith("}")) continue;
      yield JSON.parse(line) as HistoryEntry;
    }
}
