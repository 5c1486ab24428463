import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { databaseSchemes, databaseVariable } from "../../config/settings.ts";
import { keptSecret, makeJwtKeys, makeSecret } from "../../config/kept.ts";
import { freePort } from "../lib/store-process.ts";
import { allServices } from "../load-services.ts";
import { startBalancer, type Balancer } from "./balancer.ts";
import { planNodes, type Layout } from "./layout.ts";
import { startNats, type NatsServer } from "./nats.ts";
import { ClusterNode } from "./node.ts";
import { makeDatabases, startPostgres, type PostgresServer } from "./postgres.ts";

export interface ClusterOptions extends Layout {
  /** Everything that the cluster keeps. */
  folder: string;
  /** Port of the balancer; any free one when left out. */
  port?: number;
  /** A PostgreSQL server that runs already: its address, with a user who may make databases. */
  postgresUrl?: string;
  /** A MongoDB server that runs already; without it the catalogue stays on one embedded node. */
  mongoUrl?: string;
  env?: Record<string, string>;
  say?: (who: string, line: string) => void;
}

export interface Cluster {
  /** The balancer: what shoppers see. */
  readonly url: string;
  readonly balancer: Balancer;
  readonly nodes: readonly ClusterNode[];
  readonly nats: NatsServer;
  /** Undefined: it is not ours. */
  readonly postgres: PostgresServer | undefined;
  readonly databaseUrls: Readonly<Record<string, string>>;
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** The first administrator, unless `env` names another. */
export const clusterAdmin = { ADMIN_EMAIL: "admin@example.com", ADMIN_PASSWORD: "correct horse battery" };

const actors = Object.keys(databaseSchemes).filter((actor) => actor !== "products");

/** The address of one database of a server that is named by another database's address. */
const databaseAt = (url: string, name: string): string => {
  const address = new URL(url);
  address.pathname = `/${name}`;
  return address.href;
};

async function databases(options: ClusterOptions): Promise<{
  postgres: PostgresServer | undefined;
  urls: Record<string, string>;
}> {
  const postgres =
    options.postgresUrl === undefined ? await startPostgres(join(options.folder, "postgres")) : undefined;
  const server = options.postgresUrl ?? (postgres as PostgresServer).url("postgres");
  // On servers that others use too, each folder has databases of its own.
  const mark = createHash("sha256").update(options.folder).digest("hex").slice(0, 8);
  const name = (actor: string): string => `valence_${mark}_${actor}`;
  await makeDatabases(server, actors.map(name));
  const urls = Object.fromEntries(actors.map((actor) => [actor, databaseAt(server, name(actor))]));
  if (options.mongoUrl !== undefined) urls["products"] = databaseAt(options.mongoUrl, name("products"));
  return { postgres, urls };
}

/** What all nodes are told; a node is never told more than its services need. */
function environmentOf(options: ClusterOptions, nats: NatsServer): Record<string, string> {
  return {
    TRANSPORTER: nats.url,
    NAMESPACE: "valence",
    DATA_DIR: join(options.folder, "data"),
    APP_SECRET: keptSecret(options.folder, "app_secret", makeSecret).value,
    JWT_KEYS: keptSecret(options.folder, "jwt_keys", makeJwtKeys).value,
    ...clusterAdmin,
    HOST: "127.0.0.1",
    TRUSTED_PROXIES: "127.0.0.1",
    LOGLEVEL: "warn",
    ...options.env,
  };
}

function makeNodes(
  options: ClusterOptions,
  env: Record<string, string>,
  sysUrl: string,
  urls: Record<string, string>,
  ports: readonly number[],
): ClusterNode[] {
  const single = urls["products"] === undefined ? ["products"] : [];
  const plans = planNodes(allServices(), { ...options, single });
  const say = options.say ?? (() => undefined);
  const free = [...ports];
  return plans.map((plan) => {
    const own = plan.services
      .filter((name) => urls[name] !== undefined)
      .map((name) => [databaseVariable(name), urls[name] as string]);
    const gateway = plan.group === "gateway";
    // A gateway that stops serves on until the balancer, which looks five times a second, has noticed.
    const edge = gateway ? { DRAIN_SECONDS: "1", NATS_SYS_URL: sysUrl } : {};
    const all = { ...edge, ...env, ...Object.fromEntries(own) };
    return new ClusterNode(plan, gateway ? (free.shift() as number) : 0, all, (line) => say(plan.id, line));
  });
}

/** Starts the servers, the nodes and the balancer; everything ends when any part does not start. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  mkdirSync(options.folder, { recursive: true });
  const say = options.say ?? (() => undefined);
  const ends: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    while (ends.length > 0)
      await ends
        .pop()?.()
        .catch(() => undefined);
  };
  try {
    const nats = await startNats(join(options.folder, "nats"));
    ends.push(() => nats.kill());
    say("cluster", `nats-server listens at ${new URL(nats.url).host}`);
    const { postgres, urls } = await databases(options);
    if (postgres) ends.push(() => postgres.stop());
    say("cluster", "PostgreSQL has a database for each actor");
    const ports: number[] = [];
    for (let n = 0; n < (options.gateways ?? 2); n++) ports.push(await freePort());
    const env = environmentOf(options, nats);
    const nodes = makeNodes(options, env, nats.sysUrl, urls, ports);
    ends.push(() => stopNodes(nodes));
    await startNodes(nodes);
    const balancer = await startBalancer({
      ports,
      ...(options.port !== undefined && { port: options.port }),
    });
    ends.push(() => balancer.stop());
    await balancer.untilReady();
    return {
      url: balancer.url,
      balancer,
      nodes,
      nats,
      postgres,
      databaseUrls: urls,
      dataDir: env["DATA_DIR"] as string,
      env,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The first node of each group migrates its databases; then the others start side by side, the gateways last. */
async function startNodes(nodes: readonly ClusterNode[]): Promise<void> {
  const workers = nodes.filter(({ plan }) => plan.group !== "gateway");
  await Promise.all(workers.map((node) => node.start()));
  await Promise.all(nodes.filter((node) => !workers.includes(node)).map((node) => node.start()));
}

/** Gateways first, so that what they still answer finds its actors. */
async function stopNodes(nodes: readonly ClusterNode[]): Promise<void> {
  const gateways = nodes.filter(({ plan }) => plan.group === "gateway");
  await Promise.all(gateways.map((node) => node.stop()));
  await Promise.all(nodes.filter((node) => !gateways.includes(node)).map((node) => node.stop()));
}

/** Starts the MongoDB-compatible server of the tests; undefined when Java or Maven is not there. */
export function startMongo(folder: string): { url: string; stop(): void } | undefined {
  const script = join(import.meta.dirname, "../ci/mongo.sh");
  try {
    const url = execFileSync("bash", [script, "start", folder], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 240_000,
    }).trim();
    const stop = () => void execFileSync("bash", [script, "stop", folder], { stdio: "ignore" });
    process.once("exit", stop);
    return { url, stop };
  } catch {
    return undefined;
  }
}
