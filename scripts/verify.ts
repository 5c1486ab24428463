/** `npm run verify`: reads every actor's own database and reports each invariant of the design; exit 1 on any violation. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { setTimeout as delay } from "node:timers/promises";
import { environment, loadConfig } from "../moleculer.config.ts";
import { isFolderLocked } from "../mixins/data-folder.ts";
import { readHistory, type HistoryEntry } from "./history.ts";
import { printLines } from "./verify/print.ts";
import { runChecks, type Line } from "./verify/run.ts";

const help = `npm run verify [-- --data <folder>] [--history <file> ...] [--json]

Reads the databases that the environment names (DATA_DIR, <ACTOR>_DB_URL), while the store runs or after, and prints one
line for each invariant: what was counted, and every violation. I1, I2, I3, I18 and I22 compare with what clients were
told: give the files that replay, prove or the crash test wrote. On a running store a finding counts only if it is still
there after 30 seconds.

  --data <folder>     the data folder, instead of DATA_DIR
  --history <file>    a history file; may be given several times
  --json              one JSON object instead of lines
Exit code 0: no violation. 1: at least one. 2: nothing to read.`;

const recheckAfter = 30_000;

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    history: { type: "string", multiple: true },
    json: { type: "boolean" },
    help: { type: "boolean" },
  },
});

async function historyOf(files: readonly string[] | undefined): Promise<HistoryEntry[] | undefined> {
  if (!files) return undefined;
  const entries: HistoryEntry[] = [];
  for await (const entry of readHistory(files)) entries.push(entry);
  return entries;
}

/** Findings of a running store count only when they stay. */
async function lasting(look: () => Promise<Line[]>, running: boolean): Promise<Line[]> {
  const first = await look();
  const bad = first.filter((line) => line.violations.length > 0);
  if (!running || bad.length === 0) return first;
  console.error(
    `${bad.map((line) => line.id).join(", ")}: looking again in 30 seconds, the store is at work`,
  );
  await delay(recheckAfter);
  const second = await look();
  return second.map((line) => {
    const before = new Set(first.find((one) => one.id === line.id)?.violations);
    return { ...line, violations: line.violations.filter((violation) => before.has(violation)) };
  });
}

async function main(): Promise<number> {
  const config = loadConfig({
    ...environment(),
    ...(values.data === undefined ? {} : { DATA_DIR: values.data }),
  });
  if (!existsSync(join(config.dataDir, "orders.sqlite")) && config.databaseUrls["orders"] === undefined) {
    console.error(`No orders in ${config.dataDir}: set DATA_DIR (or --data), or ORDERS_DB_URL and its like.`);
    return 2;
  }
  const history = await historyOf(values.history);
  const running = config.databaseUrls["orders"] !== undefined || isFolderLocked(config.dataDir);
  const lines = await lasting(() => runChecks(config, { history, running }), running);
  if (values.json) console.log(JSON.stringify(lines));
  else printLines(lines);
  return lines.some((line) => line.violations.length > 0) ? 1 : 0;
}

if (values.help) console.log(help);
else process.exitCode = await main();
