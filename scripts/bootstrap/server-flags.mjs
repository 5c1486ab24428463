import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { areBundled } from "./packages.mjs";
import { root } from "./report.mjs";

/**
 * A whole store in one process: young objects get 8 MB of room (4 MB made old objects of many). What else limits its heap
 * it sets itself once it has started (`scripts/limit-heap.ts`): 180 MB after a load of checkouts instead of 250 or more.
 */
const ALONE = ["--max-semi-space-size=8"];
/**
 * A node among others: 32 MB of room, so that what a request needs is dead before it is copied. At 8 shoppers over NATS
 * 13 % more orders/s than with the flags above, for 60 to 150 MB more a node.
 */
const NODE = ["--max-semi-space-size=32", "--min-semi-space-size=32"];

/** No link leads to a module here; to look for one at each of them is a tenth of a start. */
const LINKS = ["--preserve-symlinks", "--preserve-symlinks-main"];
const HOOK = pathToFileURL(join(root, "scripts/bundled-packages.mjs")).href;

/** How Node runs a store, or the part of one that `TRANSPORTER` joins to others. */
export const serverFlags = (env) => [
  ...(env.TRANSPORTER ? NODE : ALONE),
  ...LINKS,
  ...(areBundled() ? ["--import", HOOK] : []),
];

/** glibc would keep a pool of freed memory for each thread; every actor's file syncs in a thread, beside hashes of passwords. */
export const SERVER_ENV = { MALLOC_ARENA_MAX: "1", UV_THREADPOOL_SIZE: "8" };
