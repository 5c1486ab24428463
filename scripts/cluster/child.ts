import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";

/** A process that a cluster runs: a server, or one of its nodes. */
export interface Child {
  readonly pid: number;
  readonly running: boolean;
  /** Whatever it printed last. */
  output(): string;
  signal(name: NodeJS.Signals): void;
  /** Sends the signal and waits for the end. */
  end(name: NodeJS.Signals): Promise<number | null>;
}

const KEPT = 20_000;
const running = new Set<ChildProcess>();

// Nothing outlives the process that started it, whatever ended that.
process.once("exit", () => {
  for (const { pid } of running) {
    try {
      if (pid !== undefined) process.kill(-pid, "SIGKILL");
    } catch {
      // It ended meanwhile.
    }
  }
});

/** Starts a program; `say` gets every line that it prints. */
export function startChild(
  command: string,
  args: readonly string[],
  options: SpawnOptions,
  say: (line: string) => void = () => undefined,
): Child {
  // A group of its own: Ctrl-C in a terminal reaches the cluster alone, which then ends its parts in order.
  const child = spawn(command, args, { ...options, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  child.once("exit", () => running.delete(child));
  const ended = new Promise<number | null>((resolve) => {
    child.once("exit", (code) => resolve(code));
    child.once("error", () => resolve(null));
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    let rest = "";
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-KEPT);
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) say(line);
    });
  }
  return {
    pid: child.pid ?? 0,
    get running() {
      return isRunning(child);
    },
    output: () => output,
    signal: (name) => void (isRunning(child) && child.kill(name)),
    async end(name) {
      // A stopped process does not see SIGTERM before it goes on.
      if (isRunning(child)) child.kill(name);
      if (isRunning(child) && name !== "SIGKILL") child.kill("SIGCONT");
      return ended;
    },
  };
}

const isRunning = (child: ChildProcess): boolean =>
  child.pid !== undefined && child.exitCode === null && child.signalCode === null;

/**
 * Asks again and again until the answer is yes.
 * @throws when the child ends before, or the time is over
 */
export async function untilUp(
  name: string,
  child: Child,
  isUp: () => boolean | Promise<boolean>,
  most = 60_000,
): Promise<void> {
  for (const deadline = performance.now() + most; !(await isUp()); await delay(25)) {
    if (!child.running) throw new Error(`${name} did not start:\n${child.output()}`);
    if (performance.now() > deadline) throw new Error(`${name} was not ready in time:\n${child.output()}`);
  }
}
