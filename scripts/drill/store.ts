import { execFileSync } from "node:child_process";
import { mkdirSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { keptSecret, makeJwtKeys, makeSecret } from "../../config/kept.ts";
import { startNats, type NatsServer } from "../cluster/nats.ts";
import { ClusterNode } from "../cluster/node.ts";
import { Client, login } from "../lib/client.ts";
import { freePort } from "../lib/store-process.ts";

/** Nodes by what a drill does to them: each can be taken away alone. */
const services = {
  shop: ["inventory", "carts", "orders", "payments", "users", "webhooks", "audit", "search"],
  catalog: ["products"],
  mail: ["notifications"],
  watch: ["metrics"],
  gateway: ["gateway"],
} as const;
export type NodeName = keyof typeof services;
const names = Object.keys(services) as NodeName[];

const admin = { ADMIN_EMAIL: "admin@example.com", ADMIN_PASSWORD: "correct horse battery" };
const year = 365;

/** A certificate that is valid for so many days from now. */
export function makeCertificate(folder: string, days: number): string {
  const file = join(folder, "nats.pem");
  const key = join(folder, "nats.key");
  const options = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const to = ["-subj", "/CN=nats", "-days", String(days), "-keyout", key, "-out", file];
  execFileSync("openssl", [...options, ...to], { stdio: "ignore" });
  return file;
}

/** Key sets of one key, once with an end far away and once with one near. */
function jwtKeys(folder: string, days: number): string {
  const set = JSON.parse(keptSecret(folder, "jwt_keys", makeJwtKeys).value) as { keys: object[] };
  const exp = Math.floor(Date.now() / 1000) + days * 86_400;
  return JSON.stringify({ keys: set.keys.map((key) => ({ ...key, exp })) });
}

export interface DrillStore {
  readonly nodes: Readonly<Record<NodeName, ClusterNode>>;
  readonly metricsPorts: Readonly<Record<NodeName, number>>;
  readonly client: Client;
  readonly staff: Record<string, string>;
  readonly certificate: string;
  dataOf(node: NodeName): string;
  /** Ends a node as a power cut would. */
  kill(node: NodeName): Promise<void>;
  start(node: NodeName): Promise<void>;
  /** Starts the node again with signing keys that end in so many days. */
  withKeys(node: NodeName, days: number): Promise<void>;
  stop(): Promise<void>;
}

/** A store of five nodes over NATS, each on embedded databases of its own. */
export async function startDrillStore(folder: string, say: (line: string) => void): Promise<DrillStore> {
  mkdirSync(folder, { recursive: true });
  const certificate = makeCertificate(folder, year);
  const nats: NatsServer = await startNats(join(folder, "nats"));
  const port = await freePort();
  const ports = {} as Record<NodeName, number>;
  for (const name of names) ports[name] = await freePort();
  const dataOf = (name: NodeName): string => join(folder, `data-${name}`);
  const envOf = (name: NodeName, keyDays: number): Record<string, string> => ({
    ...admin,
    TRANSPORTER: nats.url,
    NAMESPACE: "drill",
    DATA_DIR: dataOf(name),
    METRICS_PORT: String(ports[name]),
    APP_SECRET: keptSecret(folder, "app_secret", makeSecret).value,
    JWT_KEYS: jwtKeys(folder, keyDays),
    CERTIFICATE_FILES: certificate,
    RATE_LIMITS: "off",
    PASSWORD_COST: "cheap",
    LOGLEVEL: "error",
    ...(name === "gateway" && { NATS_SYS_URL: nats.sysUrl }),
  });
  const make = (name: NodeName, keyDays = year): ClusterNode =>
    new ClusterNode(
      { id: `${name}.1`, group: name, services: services[name] },
      name === "gateway" ? port : 0,
      envOf(name, keyDays),
      (line) => say(`${name}.1: ${line}`),
    );
  const nodes = Object.fromEntries(names.map((name) => [name, make(name)])) as Record<NodeName, ClusterNode>;
  const stop = async (): Promise<void> => {
    await Promise.all(Object.values(nodes).map((node) => node.kill()));
    await nats.kill();
  };
  try {
    for (const name of names) mkdirSync(dataOf(name), { recursive: true });
    await Promise.all(names.map((name) => nodes[name].start()));
    const client = new Client(`http://127.0.0.1:${port}`, 2000);
    const staff = await login(client, admin.ADMIN_EMAIL, admin.ADMIN_PASSWORD);
    return {
      nodes,
      metricsPorts: ports,
      client,
      staff,
      certificate,
      dataOf,
      kill: (name) => nodes[name].kill(),
      start: (name) => nodes[name].start(),
      async withKeys(name, days) {
        await nodes[name].stop();
        nodes[name] = make(name, days);
        await nodes[name].start();
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

export interface SmallDisk {
  fill(): void;
  free(): void;
  remove(): void;
}

/** Of 48 MiB: less than the tenth that the alert wants. */
const LEFT_BYTES = 2 << 20;

/** Room for one node's data that can be filled: a small disk of its own; undefined where this user may not make one. */
export function smallDisk(folder: string): SmallDisk | undefined {
  mkdirSync(folder, { recursive: true });
  const run = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: "ignore" });
  try {
    run("mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", folder);
  } catch {
    return undefined;
  }
  const ballast = join(folder, "ballast");
  return {
    fill() {
      const { bavail, bsize } = statfsSync(folder);
      run("fallocate", "-l", String(bavail * bsize - LEFT_BYTES), ballast);
    },
    free: () => writeFileSync(ballast, ""),
    remove: () => run("umount", "-l", folder),
  };
}
