import { spawn, type ChildProcess } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { environment } from "../../moleculer.config.ts";
import { SERVER_ENV, serverFlags } from "../bootstrap/server-flags.mjs";

const script = join(import.meta.dirname, "../start-store.ts");

export interface StoreProcess {
  url: string;
  process: ChildProcess;
  /** Milliseconds from the start until it was ready. */
  readyAfter: number;
  /** Ends it as an operator would; answers its exit code. */
  stop(): Promise<number | null>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const ended = (child: ChildProcess): Promise<number | null> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve(child.exitCode)
    : new Promise((resolve) => child.once("exit", resolve));

async function untilReady(url: string, child: ChildProcess, output: () => string): Promise<void> {
  for (const deadline = performance.now() + 60_000; ;) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`The store did not start:\n${output()}`);
    const ready = await fetch(`${url}/health/ready`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) return;
    if (performance.now() > deadline) {
      child.kill("SIGKILL");
      throw new Error(`The store was not ready within a minute:\n${output()}`);
    }
    await delay(15);
  }
}

/** Starts the store in a process of its own, as `npm start` does, and waits until it is ready. */
export async function startStoreProcess(env: Record<string, string>): Promise<StoreProcess> {
  const port = env["PORT"] ?? String(await freePort());
  const started = performance.now();
  const all = { ...SERVER_ENV, ...environment(), LOGLEVEL: "error", ...env, PORT: port };
  const child = spawn(process.execPath, [...serverFlags(all), script], {
    env: all,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => (output = (output + text).slice(-20_000)));
  const url = `http://127.0.0.1:${port}`;
  await untilReady(url, child, () => output);
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    return ended(child);
  };
  return {
    url,
    process: child,
    readyAfter: performance.now() - started,
    stop: () => end("SIGTERM"),
    kill: async () => void (await end("SIGKILL")),
  };
}
