import { readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import process from "node:process";

const TICKS_A_SECOND = 100;

/** Milliseconds of CPU that a process used so far (Linux; 0 elsewhere). */
export function cpuOf(pid: number | undefined): number {
  try {
    const stat = readFileSync(`/proc/${pid ?? "self"}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_A_SECOND;
  } catch {
    return 0;
  }
}

/** Bytes that a process has in memory now and had at most (Linux; 0 elsewhere). */
export function memoryOf(pid: number | undefined): { now: number; peak: number } {
  try {
    const status = readFileSync(`/proc/${pid ?? "self"}/status`, "utf8");
    const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
    return { now: kib("VmRSS") * 1024, peak: kib("VmHWM") * 1024 };
  } catch {
    return { now: 0, peak: 0 };
  }
}

/** The machine in one line. */
export const machine = (): string =>
  `${cpus().length} x ${cpus()[0]?.model ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}, Node ${process.version}`;
