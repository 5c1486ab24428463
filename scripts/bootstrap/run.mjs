import { spawn } from "node:child_process";
import { constants } from "node:os";
import { root, say } from "./report.mjs";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];
/** npm start has to be gone 10 s after it was told to stop. */
const GRACE_MS = 9_000;
const PARENT_CHECK_MS = 500;
let stopping;

/** The signal that this process was sent, if any. */
export function stopSignal() {
  return stopping;
}

/** The exit code by which a shell says that a signal ended a process. */
export function signalCode(signal) {
  return 128 + (constants.signals[signal] ?? 0);
}

/**
 * Runs a command to its end and answers its exit code. A signal is handed on once: a terminal, npm and this process
 * may each pass on the same Ctrl-C. A child that does not end in time is killed; nothing is left behind.
 */
export function run(file, args, { onSpawn, graceMs = GRACE_MS, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: root, stdio: "inherit", ...options });
    const kill = (signal) => (options.detached ? killGroup(child, signal) : child.kill(signal));
    let killer;
    const stop = (signal) => {
      if (stopping !== undefined) return;
      stopping = signal;
      kill(signal);
      killer = setTimeout(() => {
        say(`Not ended ${graceMs / 1000} s after ${signal}: killed.`);
        kill("SIGKILL");
      }, graceMs);
    };
    for (const signal of SIGNALS) process.on(signal, stop);
    const watch = watchParent(stop);
    onSpawn?.(child);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(killer);
      clearInterval(watch);
      for (const name of SIGNALS) process.off(name, stop);
      resolve(code ?? signalCode(signal));
    });
  });
}

function killGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

/** npm hands on SIGINT and SIGTERM only; when it is gone by anything else, its program must not stay. */
function watchParent(stop) {
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  const parent = process.ppid;
  return setInterval(() => process.ppid !== parent && stop("SIGTERM"), PARENT_CHECK_MS);
}
