import { spawn } from "node:child_process";
import { constants } from "node:os";
import { root, say } from "./report.mjs";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];
const STOP_MS = 9_000;
const PARENT_CHECK_MS = 500;
let stopping;

export function stopRequested() {
  return stopping !== undefined;
}

/**
 * Runs a command to its end and answers its exit code. A signal is handed on once: a terminal, npm and this process
 * may each pass on the same Ctrl-C. A child that does not end in time is killed; nothing is left behind.
 */
export function run(file, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: root, stdio: "inherit", ...options });
    let killer;
    const stop = (signal) => {
      if (stopping !== undefined) return;
      stopping = signal;
      child.kill(signal);
      killer = setTimeout(() => {
        say(`Not ended ${STOP_MS / 1000} s after ${signal}: killed.`);
        child.kill("SIGKILL");
      }, STOP_MS);
    };
    for (const signal of SIGNALS) process.on(signal, stop);
    const watch = watchParent(stop);
    options.onSpawn?.(child);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(killer);
      clearInterval(watch);
      for (const name of SIGNALS) process.off(name, stop);
      resolve(exitCode(code, signal));
    });
  });
}

/** npm hands on SIGINT and SIGTERM only; when it is gone by anything else, its program must not stay. */
function watchParent(stop) {
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  const parent = process.ppid;
  return setInterval(() => process.ppid !== parent && stop("SIGTERM"), PARENT_CHECK_MS);
}

/** A child that ended by the very signal it was handed stopped as it was told to. */
function exitCode(code, signal) {
  if (code !== null) return code;
  if (signal === stopping) return 0;
  return 128 + (constants.signals[signal] ?? 0);
}
