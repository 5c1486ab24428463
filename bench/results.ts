import { writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { join } from "node:path";
import { machine } from "./machine.ts";

export interface Row {
  what: string;
  figures: Readonly<Record<string, string>>;
}

/** One table of the results. */
export interface Group {
  title: string;
  /** What was measured, and how. */
  about: string;
  rows: Row[];
}

export const perSecond = (n: number): string => n.toLocaleString("en", { maximumFractionDigits: 0 });
export const ms = (n: number): string => n.toFixed(n < 10 ? 2 : 1);
export const ratio = (n: number): string => n.toFixed(2);
export const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

export function printRow({ what, figures }: Row): void {
  const cells = Object.entries(figures).map(([name, value]) => `${name} ${value}`);
  console.log(`  ${what.padEnd(48)} ${cells.join(", ")}`);
}

function table({ title, about, rows }: Group): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row.figures)))];
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    `## ${title}\n`,
    `${about}\n`,
    line(["", ...columns]),
    line(["---", ...columns.map(() => "--:")]),
    ...rows.map((row) => line([row.what, ...columns.map((column) => row.figures[column] ?? "")])),
    "",
  ].join("\n");
}

/** Work of others on this machine when the run began; it should be near 0. */
const loadBefore = loadavg()[0] ?? 0;

/** Writes all tables of one run to a file beside this one. */
export async function writeResults(
  groups: readonly Group[],
  file = "RESULTS.md",
  command = "npm run bench",
): Promise<void> {
  const head = `# Figures\n\nWritten by \`${command}\` on ${new Date().toISOString().slice(0, 10)}: ${machine()}; load average before the run ${loadBefore.toFixed(1)}. The load runs on the same machine, in a process of its own.\n`;
  await writeFile(join(import.meta.dirname, file), [head, ...groups.map(table)].join("\n"));
}
