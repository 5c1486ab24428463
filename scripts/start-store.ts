/** Runs the store: the services that `SERVICES` names, or all of them. `npm start` ends here. */
import { existsSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { ServiceBroker } from "moleculer";
import { contextOf } from "../mixins/context.ts";
import { brokerOptions, environment, loadConfig, type Config } from "../moleculer.config.ts";
import { limitHeap } from "./limit-heap.ts";
import { allServices, createServices } from "./load-services.ts";
import { stopOnSignal } from "./stop-on-signal.ts";

const START_LIMIT_MS = 60_000;

async function startStore(): Promise<void> {
  const config = loadConfig(environment());
  const names = config.services ?? allServices();
  const broker = new ServiceBroker({ ...brokerOptions(config), skipProcessEventRegistration: true });
  stopOnSignal(broker, config.drainSeconds * 1000);
  await createServices(broker, names);
  const { opening } = contextOf(broker);
  opening.add("sample catalogue");
  await within(START_LIMIT_MS, broker.start());
  if (names.includes("products")) await seed(broker, config);
  opening.clear();
  console.log(welcome(broker, config, names));
  // For the next start, however this one ends.
  flushCompileCache();
  // A node among others has the room that its requests need.
  if (config.transporter === undefined) limitHeap();
}

/** The sample catalogue, for an empty store. */
async function seed(broker: ServiceBroker, config: Config): Promise<void> {
  const script = join(import.meta.dirname, "seed.ts");
  if (!config.sampleData || !existsSync(script)) return;
  const { seedIfEmpty }: { seedIfEmpty(broker: ServiceBroker): Promise<unknown> } = await import(script);
  await seedIfEmpty(broker);
}

function welcome(broker: ServiceBroker, config: Config, names: readonly string[]): string {
  const seconds = (process.uptime() || 0).toFixed(1);
  const lines = [`Valence is ready (${seconds} s).`];
  if (names.includes("gateway")) lines.push(`  Shop   ${addressOf(broker, config)}`);
  else lines.push(`  Node   ${broker.nodeID}: ${names.join(", ")}`);
  if (names.includes("gateway") && names.includes("users")) {
    lines.push(`  Admin  ${config.adminEmail}, password ${passwordHint(config)}`);
  }
  lines.push(`  Data   ${config.dataDir}`);
  return lines.join("\n");
}

/** Shown at the first start only: later it may be another, and logs are read by many. */
const passwordHint = (config: Config): string => {
  if (config.adminPasswordMade)
    return `${config.adminPassword} (shown this once; change it after signing in)`;
  const file = join(config.dataDir, "admin_password");
  return existsSync(file) ? `of the first start: ${file}` : "from ADMIN_PASSWORD";
};

function addressOf(broker: ServiceBroker, config: Config): string {
  const gateway = broker.getLocalService("gateway") as unknown as {
    server?: { address(): { port: number } | null };
  };
  const port = gateway.server?.address()?.port ?? config.port;
  const host = config.host.includes(":") ? `[${config.host}]` : config.host;
  return `http://${host}:${port}/`;
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The services did not start within ${ms / 1000} s.`)), ms);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** What went wrong, for whoever started the store. */
function oneLine(error: unknown): string {
  const { message, code, port } = error as { message?: string; code?: string; port?: number };
  if (code === "EADDRINUSE")
    return `PORT ${port ?? ""} is in use: stop the other program, or set PORT to another.`;
  if (code === "EACCES" && port !== undefined)
    return `PORT ${port} needs more rights: set PORT to one above 1023.`;
  return String(message ?? error).replaceAll(/\s*\n\s*/g, " ");
}

const help = `npm start: the whole store in one process, or the services that SERVICES names.

  http://127.0.0.1:3000/       the shop; /admin the back office, /api/docs the API
  npm start -- --help          this text
It takes no other options: everything is set by environment variables (PORT, DATA_DIR, ADMIN_EMAIL, SAMPLE_DATA,
TRANSPORTER, ORDERS_DB_URL ...), all of them in docs/configuration.md. Ctrl-C stops it; its data stays in DATA_DIR.`;

if (process.argv.includes("--help")) {
  console.log(help);
  process.exit(0);
}
const [option] = process.argv.slice(2);
if (option !== undefined) {
  console.error(`There is no option ${option}. Settings are environment variables: npm start -- --help`);
  process.exit(2);
}

try {
  await startStore();
} catch (error) {
  console.error(oneLine(error));
  process.exit(1);
}
