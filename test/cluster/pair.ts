import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { databaseVariable } from "../../config/settings.ts";
import { makeJwtKeys, makeSecret } from "../../config/kept.ts";
import { startChild } from "../../scripts/cluster/child.ts";
import { makeDatabases, startPostgres, type PostgresServer } from "../../scripts/cluster/postgres.ts";
import { freePort } from "../helpers/store.ts";

export interface PairServers {
  readonly postgres: PostgresServer;
  /** Databases of their own for these actors, and what else two nodes of one cluster must share. */
  environmentFor(actors: readonly string[], name: string): Promise<Record<string, string>>;
  stop(): Promise<void>;
}

/** A PostgreSQL for nodes in this process, which find each other over Moleculer's transporter in memory. */
export async function startPairServers(): Promise<PairServers> {
  const folder = mkdtempSync(join(tmpdir(), "valence-pair-"));
  const postgres = await startPostgres(join(folder, "postgres"));
  const secrets = { APP_SECRET: makeSecret(), JWT_KEYS: makeJwtKeys() };
  return {
    postgres,
    async environmentFor(actors, name) {
      const databases = actors.map((actor) => [actor, `${name}_${actor}`] as const);
      await makeDatabases(
        postgres.url("postgres"),
        databases.map(([, database]) => database),
      );
      const urls = databases.map(([actor, database]) => [databaseVariable(actor), postgres.url(database)]);
      return { ...secrets, NAMESPACE: name, TRANSPORTER: "fake://pair", ...Object.fromEntries(urls) };
    },
    async stop() {
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A Redis of its own, which keeps nothing; undefined where none is installed. */
export async function startRedis(): Promise<{ url: string; kill(): Promise<unknown> } | undefined> {
  const there = await new Promise<boolean>((resolve) => {
    spawn("redis-server", ["--version"], { stdio: "ignore" })
      .once("error", () => resolve(false))
      .once("exit", (code) => resolve(code === 0));
  });
  if (!there) return undefined;
  const port = await freePort();
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  const child = startChild("redis-server", args, {});
  return { url: `redis://127.0.0.1:${port}`, kill: () => child.end("SIGKILL") };
}
