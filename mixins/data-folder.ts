import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { sqliteCode } from "./sqlite-dialect.ts";

const BUSY = 5;
const held = new Map<string, { lock: DatabaseSync; users: number }>();

function take(folder: string): DatabaseSync {
  const lock = new DatabaseSync(join(folder, "lock.sqlite"), { timeout: 0 });
  try {
    // A lock of the operating system: it goes with the process, also after SIGKILL.
    lock.exec("pragma journal_mode = delete; begin exclusive");
    return lock;
  } catch (error) {
    lock.close();
    if (sqliteCode(error) !== BUSY) throw error;
    throw new Error(
      `the data folder ${folder} is in use by another process; stop that one, or set DATA_DIR to another folder`,
      {
        cause: error,
      },
    );
  }
}

/**
 * Makes the folder and keeps other processes out of it for as long as this one lives; the answer gives this use back.
 * Embedded databases have one process each: a second one would work on rows that the first keeps in memory.
 */
export function lockDataFolder(dir: string): () => void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const folder = realpathSync(dir);
  const entry = held.get(folder) ?? { lock: take(folder), users: 0 };
  entry.users += 1;
  held.set(folder, entry);
  let given = false;
  return () => {
    if (given) return;
    given = true;
    entry.users -= 1;
    if (entry.users > 0) return;
    held.delete(folder);
    entry.lock.close();
  };
}

/** Whether a process works on this folder now. */
export function isFolderLocked(dir: string): boolean {
  if (!existsSync(join(dir, "lock.sqlite"))) return false;
  try {
    take(dir).close();
    return false;
  } catch {
    return true;
  }
}
