import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { environment } from "../../moleculer.config.ts";
import {
  startCluster,
  startMongo,
  type Cluster,
  type ClusterOptions,
} from "../../scripts/cluster/cluster.ts";
import type { ClusterNode } from "../../scripts/cluster/node.ts";
import { missingPrograms } from "../../scripts/cluster/programs.ts";

/** Skips the suite, and says so, on a machine without the servers; on CI that is a failure. */
export function needsServers(context: Mocha.Context): void {
  const missing = missingPrograms(["nats", "postgres"]);
  if (missing.length === 0) return;
  if (environment()["CI"]) throw new Error(missing.join(" "));
  process.stderr.write(`\n!!! SKIPPED: the cluster tests. ${missing.join(" ")}\n`);
  context.skip();
}

export interface ClusterStore extends Cluster {
  node(id: string): ClusterNode;
  end(): Promise<void>;
}

/** A whole cluster on this machine, its catalogue on a MongoDB-compatible server when there is one. */
export async function startClusterStore(options: Partial<ClusterOptions> = {}): Promise<ClusterStore> {
  const folder = mkdtempSync(join(tmpdir(), "valence-cluster-"));
  const given = environment()["MONGO_URL"];
  const mongo = given === undefined ? startMongo(join(folder, "mongo")) : undefined;
  const mongoUrl = given ?? mongo?.url;
  const clean = () => {
    mongo?.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const cluster = await startCluster({
      folder,
      ...(mongoUrl !== undefined && { mongoUrl }),
      ...options,
      env: { RATE_LIMITS: "off", PASSWORD_COST: "cheap", SAMPLE_DATA: "off", ...options.env },
    });
    return Object.assign(Object.create(cluster) as Cluster, {
      node: (id: string) => cluster.nodes.find(({ plan }) => plan.id === id) as ClusterNode,
      async end() {
        await cluster.stop();
        clean();
      },
    });
  } catch (error) {
    clean();
    throw error;
  }
}
