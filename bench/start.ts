import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startStoreProcess } from "../scripts/lib/store-process.ts";
import { memoryOf } from "./machine.ts";
import { mb, printRow, type Group, type Row } from "./results.ts";

const STARTS = 5;

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** How long a store takes until it is ready, and what it needs then. */
export async function start(): Promise<Group> {
  const dataDir = mkdtempSync(join(tmpdir(), "valence-bench-"));
  const env = { DATA_DIR: dataDir, RATE_LIMITS: "off", CHECK_ANSWERS: "off" };
  const rows: Row[] = [];
  const add = (row: Row) => {
    printRow(row);
    rows.push(row);
  };
  const first = await startStoreProcess(env);
  await first.stop();
  add({
    what: "first start, empty data folder, sample catalogue",
    figures: { ms: first.readyAfter.toFixed(0) },
  });
  const times: number[] = [];
  let memory = 0;
  for (let n = 0; n < STARTS; n++) {
    const store = await startStoreProcess(env);
    times.push(store.readyAfter);
    memory = memoryOf(store.process.pid).now;
    await store.stop();
  }
  add({
    what: `start with data, median of ${STARTS}`,
    figures: { ms: median(times).toFixed(0), memory: mb(memory) },
  });
  rmSync(dataDir, { recursive: true, force: true });
  return {
    title: "Start",
    about:
      "From the start of the process until `/health/ready` answers 200: migrations, every actor, the search index.",
    rows,
  };
}
