import { expect } from "chai";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { startStoreProcess } from "../../../scripts/lib/store-process.ts";

/** Niceness of a process's threads by their names: field 19 of `stat` (proc(5)). */
function nicenessOf(pid: number): Map<string, Set<number>> {
  const threads = `/proc/${pid}/task`;
  const found = new Map<string, Set<number>>();
  for (const thread of readdirSync(threads)) {
    const name = readFileSync(`${threads}/${thread}/comm`, "utf8").trim();
    const stat = readFileSync(`${threads}/${thread}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    found.set(name, (found.get(name) ?? new Set()).add(Number(fields[16])));
  }
  return found;
}

describe("a store that has started", function () {
  this.timeout(30_000);

  it("lets V8's helpers come after the thread that answers, and those that write to disk beside it", async function () {
    if (process.platform !== "linux") {
      console.log("    SKIPPED: threads have a niceness of their own on Linux only");
      this.skip();
    }
    const dataDir = mkdtempSync(join(tmpdir(), "valence-"));
    const store = await startStoreProcess({ DATA_DIR: dataDir, SAMPLE_DATA: "off" });
    try {
      const niceness = nicenessOf(store.process.pid as number);
      const own = [...(niceness.get("MainThread") ?? [])];
      expect(niceness.get("V8Worker")).to.deep.equal(new Set([10]));
      expect([...(niceness.get("libuv-worker") ?? [])]).to.deep.equal(own);
    } finally {
      await store.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});
