import { spawn } from "node:child_process";
import process from "node:process";

const KEPT = 200_000;

export interface RunOptions {
  cwd?: string;
  env?: Readonly<Record<string, string | undefined>>;
  input?: string;
  /** Milliseconds until the command is ended. */
  most?: number;
}

/**
 * What a command printed.
 * @throws with the end of its output when it fails or takes too long
 */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { cwd, env, input, most = 120_000 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, timeout: most });
    let out = "";
    let all = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out = (out + text).slice(-KEPT);
      all = (all + text).slice(-KEPT);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => (all = (all + text).slice(-KEPT)));
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (code === 0) resolve(out);
      else
        reject(
          new Error(`${command} ${args.join(" ")} ended with ${code ?? signal}:\n${all.slice(-4000).trim()}`),
        );
    });
    child.stdin.on("error", () => undefined).end(input ?? "");
  });
}
