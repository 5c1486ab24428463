import { expect } from "chai";
import { execFile } from "node:child_process";
import { getPriority } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";

const run = promisify(execFile);
const limitHeap = join(import.meta.dirname, "../../../scripts/limit-heap.ts");

interface Heap {
  /** Objects in use, MB. */
  mb: number;
  /** What stays of them, MB. */
  kept: number;
  /** Collections before the growth is measured, when not `limitHeap`'s own: what is decided after one holds from the next one on. */
  before: number | "its own";
}

/** Fills a heap, makes garbage that grows old, and tells by how much the heap grew up to its next collection. */
const program = ({ mb, kept, before }: Heap) => `
  import { existsSync, readdirSync, readFileSync } from "node:fs";
  import { setImmediate as turn } from "node:timers/promises";
  import { PerformanceObserver } from "node:perf_hooks";
  import { getHeapStatistics } from "node:v8";
  import { limitHeap } from ${JSON.stringify(limitHeap)};
  const used = () => getHeapStatistics().used_heap_size;
  const objects = (bytes) => Array.from({ length: bytes / 130 }, (_, i) => ({ i, text: [i, i, i, i] }));
  let collections = 0;
  new PerformanceObserver((list) => {
    collections += list.getEntries().filter(({ detail }) => detail.kind === 4).length;
  }).observe({ entryTypes: ["gc"] });
  const fill = () => Array.from({ length: ${mb} }, () => objects(1e6));
  const its = ${before === "its own"};
  const earlier = its ? fill() : undefined;
  globalThis.gc();
  await turn();
  await turn();
  collections = 0;
  limitHeap();
  for (const end = performance.now() + 3000; collections === 0 && performance.now() < end; ) await turn();
  const held = earlier ?? fill();
  const collect = async () => {
    for (let n = 0; n < ${before === "its own" ? 0 : before}; n++) {
      globalThis.gc();
      await turn();
      await turn();
    }
  };
  await collect();
  held.length = ${kept};
  if (${kept} < ${mb}) await collect();
  const live = used();
  collections = 0;
  const recent = [];
  let most = 0;
  while (collections < 1) {
    recent.push(objects(2e5));
    if (recent.length > 20) recent.shift();
    await turn();
    most = Math.max(most, used());
  }
  // Field 19 of each thread's \`stat\` (proc(5)); without any elsewhere than on Linux.
  const threads = existsSync("/proc/self/task") ? readdirSync("/proc/self/task") : [];
  const niceness = threads.map((thread) => {
    const stat = readFileSync("/proc/self/task/" + thread + "/stat", "utf8");
    const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
    return [name, Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16])];
  });
  console.log(JSON.stringify({ live, most, held: held.length, niceness }));
`;

interface Measured {
  live: number;
  most: number;
  held: number;
  /** Of each thread, by its name. */
  niceness: [name: string, niceness: number][];
}

async function measure({ mb, kept = mb, before = 2 }: Partial<Heap> & Pick<Heap, "mb">): Promise<Measured> {
  // Collected in one piece, the heap grows to its limit and no further.
  const flags = [
    "--expose-gc",
    "--no-incremental-marking",
    "--max-semi-space-size=1",
    "--input-type=module",
    "--eval",
    program({ mb, kept, before }),
  ];
  const { stdout } = await run(process.execPath, flags);
  return JSON.parse(stdout) as Measured;
}

async function growthWith(heap: Partial<Heap> & Pick<Heap, "mb">): Promise<number> {
  const { live, most } = await measure(heap);
  return most / live;
}

/** Of V8's helpers and of all other threads. */
async function nicenessWith(mb: number): Promise<{ helpers: number[]; others: number[] }> {
  const { niceness } = await measure({ mb });
  const distinct = (helper: boolean) => [
    ...new Set(niceness.filter(([name]) => (name === "V8Worker") === helper).map(([, value]) => value)),
  ];
  return { helpers: distinct(true), others: distinct(false) };
}

describe("limitHeap", function () {
  this.timeout(30_000);

  it("collects a small heap's old objects when they have grown by two fifths, from the first collection on", async () => {
    expect(await growthWith({ mb: 40, before: 1 })).to.be.below(1.6);
  });

  it("collects once itself: what V8 allowed a small heap before is three times as much", async () => {
    expect(await growthWith({ mb: 40, before: "its own" })).to.be.below(1.6);
  });

  it("lets a large heap double between two collections, which go through all of it", async () => {
    expect(await growthWith({ mb: 120 })).to.be.within(1.7, 2.4);
  });

  it("keeps a heap small again that was large for a while, as by an export", async () => {
    expect(await growthWith({ mb: 120, kept: 40 })).to.be.below(1.6);
  });

  it("lets V8's helpers come after whoever answers in a large heap, and as everybody in a small one", async function () {
    if (process.platform !== "linux") {
      console.log("    SKIPPED: threads have a niceness of their own on Linux only");
      this.skip();
    }
    const own = getPriority();
    expect(await nicenessWith(120)).to.deep.equal({ helpers: [10], others: [own] });
    expect(await nicenessWith(40)).to.deep.equal({ helpers: [own], others: [own] });
  });
});
