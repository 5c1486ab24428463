import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { root } from "../unit/deploy/yaml.ts";
import { run, type RunOptions } from "./run.ts";

export interface Engine {
  /** Started here: nothing can be pulled, and nothing of it stays. */
  readonly own: boolean;
  readonly version: string;
  /** What its clients need in their environment. */
  readonly env: Readonly<Record<string, string>>;
  docker(args: readonly string[], options?: RunOptions): Promise<string>;
  compose(args: readonly string[], options?: RunOptions): Promise<string>;
  stop(): Promise<void>;
}

/** Debian's client builds by itself what newer ones leave to a plugin. */
const client = existsSync("/usr/bin/docker") ? "/usr/bin/docker" : "docker";
const script = join(root, "scripts/ci/docker.sh");

async function composeCommand(env: Record<string, string>): Promise<[string, ...string[]]> {
  try {
    await run(client, ["compose", "version"], { env });
    return [client, "compose"];
  } catch {
    await run("docker-compose", ["version"], { env });
    return ["docker-compose"];
  }
}

async function engineOf(env: Record<string, string>, folder: string | undefined): Promise<Engine> {
  const [command, ...first] = await composeCommand(env);
  const withEnv = (options: RunOptions = {}): RunOptions => ({ ...options, env: { ...env, ...options.env } });
  const version = await run(client, ["version", "--format", "{{.Server.Version}}"], { env });
  return {
    own: folder !== undefined,
    env,
    version: version.trim(),
    docker: (args, options) => run(client, args, withEnv(options)),
    compose: (args, options) => run(command, [...first, ...args], withEnv(options)),
    async stop() {
      if (folder !== undefined) await run("bash", [script, "stop", folder]);
    },
  };
}

/** The engine that runs already, or one started for the test, which ends with it. */
export async function findEngine(): Promise<Engine> {
  const env = { DOCKER_BUILDKIT: "1" };
  const runs = await run(client, ["version"], { env, most: 20_000 }).then(
    () => true,
    () => false,
  );
  if (runs) return engineOf(env, undefined);
  const folder = mkdtempSync(join(tmpdir(), "valence-docker-"));
  const host = await run("bash", [script, "start", folder, String(process.pid)]);
  return engineOf({ ...env, DOCKER_HOST: host.trim() }, folder);
}
