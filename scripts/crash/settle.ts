import { setTimeout as delay } from "node:timers/promises";
import type { Config } from "../../config/config.ts";
import { readHistory, type HistoryEntry } from "../history.ts";
import { runChecks, type Line } from "../verify/run.ts";

const POLL_MS = 500;

export async function historyOf(file: string): Promise<HistoryEntry[]> {
  const entries: HistoryEntry[] = [];
  for await (const entry of readHistory([file])) entries.push(entry);
  return entries;
}

/** Looks at a running store until nothing is wrong and every queue is empty, at most so many milliseconds. */
export async function settle(
  config: Pick<Config, "dataDir" | "databaseUrls">,
  history: readonly HistoryEntry[],
  most = 45_000,
): Promise<Line[]> {
  for (const deadline = performance.now() + most; ;) {
    const lines = await runChecks(config, { history, running: true });
    const bad = lines.some((line) => line.violations.length > 0);
    if (!bad || performance.now() > deadline) return lines;
    await delay(POLL_MS);
  }
}

export const violationsOf = (lines: readonly Line[]): string[] =>
  lines.flatMap(({ id, violations }) => violations.map((violation) => `${id} ${violation}`));
