/** `npm run cluster`: a real cluster on this machine from one command. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { environment } from "../moleculer.config.ts";
import { clusterAdmin, startCluster, startMongo, type Cluster } from "./cluster/cluster.ts";
import { missingPrograms } from "./cluster/programs.ts";

const help = `npm run cluster [-- --port <n>] [--apart | --together] [--gateways <n>] [--data <folder>] [--postgres <url>] [--mongo <url>]

Starts nats-server, PostgreSQL, two gateways behind a balancer and two of each actor in 2 x 3 nodes, and shows what they
log. Ctrl-C drains and stops everything.

  --port <n>         port of the shop (3000)
  --apart            a process for each actor, instead of three groups
  --together         a process for all actors, instead of three groups
  --each <n>         nodes of each group (2)
  --gateways <n>     gateways (2)
  --data <folder>    keep the data here; without it everything is fresh and goes away with the cluster
  --postgres <url>   a PostgreSQL server that runs already, with a user who may make databases
  --mongo <url>      a MongoDB server for the catalogue (or MONGO_URL); without it a compatible server in memory by Java
                     and Maven, or, with --data or without Java, one node that keeps the catalogue embedded`;

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "3000" },
    apart: { type: "boolean", default: false },
    together: { type: "boolean", default: false },
    each: { type: "string", default: "2" },
    gateways: { type: "string", default: "2" },
    data: { type: "string" },
    postgres: { type: "string" },
    mongo: { type: "string" },
    help: { type: "boolean" },
  },
});

const colours = [36, 33, 32, 35, 34, 31];
const known: string[] = [];

/** One line of a node; each group has its colour. */
function print(who: string, line: string): void {
  const group = who.split(".")[0] ?? who;
  if (!known.includes(group)) known.push(group);
  const colour = colours[known.indexOf(group) % colours.length] ?? 0;
  const name = who.padEnd(13);
  console.log(process.stdout.isTTY ? `\u001B[${colour}m${name}\u001B[0m ${line}` : `${name} ${line}`);
}

function mongoFor(folder: string): { url: string | undefined; stop(): void } {
  const url = values.mongo ?? environment()["MONGO_URL"];
  if (url !== undefined) return { url, stop: () => undefined };
  const started = values.data === undefined ? startMongo(join(folder, "mongo")) : undefined;
  if (!started)
    print(
      "cluster",
      "No MongoDB (--mongo mongodb://...): one node keeps the catalogue, embedded; it has no twin.",
    );
  return { url: started?.url, stop: () => started?.stop() };
}

/** The first signal drains and stops, the second one ends at once. */
function stopOnSignals(stop: () => Promise<void>): void {
  let stopping = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => {
      if (stopping) process.exit(1);
      stopping = true;
      print("cluster", "draining ...");
      void stop().then(() => process.exit(0));
    });
}

async function main(): Promise<void> {
  const missing = missingPrograms(values.postgres === undefined ? ["nats", "postgres"] : ["nats"]);
  if (missing.length > 0) {
    console.error(missing.join("\n"));
    process.exit(1);
  }
  const folder =
    values.data === undefined ? mkdtempSync(join(tmpdir(), "valence-cluster-")) : resolve(values.data);
  const mongo = mongoFor(folder);
  let cluster: Cluster | undefined;
  const stop = async (): Promise<void> => {
    await cluster?.stop();
    mongo.stop();
    if (values.data === undefined) rmSync(folder, { recursive: true, force: true });
  };
  stopOnSignals(stop);
  try {
    cluster = await startCluster({
      folder,
      port: Number(values.port),
      split: values.apart ? "apart" : values.together ? "together" : "groups",
      each: Number(values.each),
      gateways: Number(values.gateways),
      say: print,
      ...(values.postgres !== undefined && { postgresUrl: values.postgres }),
      ...(mongo.url !== undefined && { mongoUrl: mongo.url }),
    });
  } catch (error) {
    await stop();
    throw error;
  }
  print("cluster", `${cluster.nodes.length} nodes are ready. Shop: ${cluster.url}/`);
  print("cluster", `Admin: ${clusterAdmin.ADMIN_EMAIL}, password "${clusterAdmin.ADMIN_PASSWORD}"`);
  print(
    "cluster",
    `REPL: npm run repl -- --connect ${cluster.nats.url} --namespace ${cluster.env["NAMESPACE"] ?? ""}`,
  );
}

if (values.help) console.log(help);
else
  await main().catch((error: unknown) => {
    console.error((error as Error).message);
    process.exit(1);
  });
