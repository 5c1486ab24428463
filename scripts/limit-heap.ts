import { Session } from "node:inspector";
import { constants, PerformanceObserver, type PerformanceEntry } from "node:perf_hooks";
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { lowerHelpers } from "./lower-helpers.ts";

/** Of objects in use: more than an ordinary shop has (60 MB), less than 10,000 products in memory (105 MB). */
const SMALL_HEAP = 80 * 1024 * 1024;
/** Old objects are collected when they have grown by so many percent. */
const SMALL_HEAP_GROWTH = 40;
const LARGE_HEAP_GROWTH = 100;

const growBy = (percent: number): void => setFlagsFromString(`--heap-growing-percent=${percent}`);

/** https://nodejs.org/api/perf_hooks.html#performanceentrydetail */
const isMajor = (collection: PerformanceEntry): boolean =>
  (collection as { detail?: { kind?: number } }).detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR;

/**
 * Collects old objects once. Nothing else may do it in a store: `--expose-gc` on the command line makes a start a sixth longer, and
 * given later it needs a second context (`node:vm`), with which an order costs a tenth more CPU from then on.
 */
function collect(): void {
  const session = new Session();
  session.connect();
  // Not in its own answer: Node would wait for ever.
  session.post("HeapProfiler.collectGarbage", () => setImmediate(() => session.disconnect()));
}

/**
 * From now on old objects are collected when they have grown by two fifths, which keeps a small store small. One with a large
 * catalogue lets them double: each of its collections goes through the whole catalogue, and whoever orders meanwhile waits 50 ms
 * longer; its helpers come after the main thread from then on (`lower-helpers.ts`). For a store that has started: on the command
 * line this flag makes Node refuse what it keeps compiled of its own modules, and a start takes an eighth longer. What V8 allows
 * before its next collection it has decided at its last one: one right away, of 30 ms, makes the limit hold from here on, and the
 * store 40 MB smaller until then.
 */
export function limitHeap(): void {
  growBy(SMALL_HEAP_GROWTH);
  let lowered = false;
  const decide = (): void => {
    const large = getHeapStatistics().used_heap_size > SMALL_HEAP;
    growBy(large ? LARGE_HEAP_GROWTH : SMALL_HEAP_GROWTH);
    if (!large || lowered) return;
    lowered = true;
    lowerHelpers();
  };
  new PerformanceObserver((collections) => {
    if (collections.getEntries().some(isMajor)) decide();
  }).observe({ entryTypes: ["gc"] });
  collect();
}
