/** `npm run bench`: what the store reaches on this machine, beside what bare servers and databases reach on it. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { environment } from "../moleculer.config.ts";
import { catalogue } from "./catalogue.ts";
import { checkout } from "./checkout.ts";
import { dashboard } from "./dashboard.ts";
import { startFullStore, type FullStore } from "./full-store.ts";
import { memory } from "./memory.ts";
import { writeResults, type Group } from "./results.ts";
import { start } from "./start.ts";

const help = `npm run bench [-- <part> ...] [--seconds <n>] [--products <n>]

Parts: start, memory, checkout, catalogue, dashboard; without any, all of them, and the tables go to bench/RESULTS.md.
Others, which print only: export, search, mailbox, gateway, login, hostile, events (10,000 webhooks to receivers that
fail), observability (what metrics and traces cost a checkout), backup (of 100,000 orders under load, restored and compared).

  --seconds <n>     how long each figure is measured (5)
  --products <n>    size of the generated catalogue (10000)
With cluster: nodes over NATS, whose tables go to bench/RESULTS-CLUSTER.md.
TEST_POSTGRES_URL adds the bare transactions of node-postgres.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "5" },
    products: { type: "string", default: "10000" },
    help: { type: "boolean" },
  },
});
const seconds = Number(values.seconds);
const alone = [
  "export",
  "search",
  "mailbox",
  "gateway",
  "login",
  "hostile",
  "events",
  "observability",
  "backup",
];
const parts = ["start", "memory", "checkout", "catalogue", "dashboard"] as const;
const ORDERS = 100_000;
type Part = (typeof parts)[number];

async function onFullStore(wanted: readonly Part[]): Promise<Group[]> {
  if (!wanted.includes("checkout") && !wanted.includes("catalogue")) return [];
  const full: FullStore = await startFullStore(Number(values.products));
  const groups: Group[] = [];
  try {
    if (wanted.includes("checkout"))
      groups.push(
        await heading("Checkout", () => checkout(full, seconds, environment()["TEST_POSTGRES_URL"])),
      );
    if (wanted.includes("catalogue")) groups.push(await heading("Catalogue", () => catalogue(full, seconds)));
  } finally {
    await full.remove();
  }
  return groups;
}

async function heading(title: string, work: () => Promise<Group>): Promise<Group> {
  console.log(title);
  return work();
}

async function run(wanted: readonly Part[]): Promise<void> {
  const groups: Group[] = [];
  if (wanted.includes("start")) groups.push(await heading("Start", start));
  if (wanted.includes("memory")) groups.push(await heading("Memory", () => memory(seconds)));
  groups.push(...(await onFullStore(wanted)));
  if (wanted.includes("dashboard")) groups.push(await heading("Back office", () => dashboard(ORDERS)));
  if (wanted.length === parts.length) await writeResults(groups);
}

const overNats = ["cluster"];
const isPart = (name: string): name is Part => (parts as readonly string[]).includes(name);
const [first] = positionals;
if (values.help) console.log(help);
else if (first !== undefined && [...alone, ...overNats].includes(first)) {
  const script = join(import.meta.dirname, `${first}.ts`);
  process.exitCode =
    spawnSync(process.execPath, [script, ...positionals.slice(1)], { stdio: "inherit" }).status ?? 1;
} else if (!positionals.every(isPart)) {
  console.error(help);
  process.exitCode = 2;
} else await run(positionals.length === 0 ? parts : positionals.filter(isPart));
