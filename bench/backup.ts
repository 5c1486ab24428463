/**
 * `npm run bench -- backup [orders]`: backs up a store with so many orders (100,000) while shoppers order, restores the copy
 * into an empty folder, and looks for every order that was acknowledged before the backup began.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "../scripts/lib/client.ts";
import { cloneOrders } from "./clone-orders.ts";
import { startFullStore, type FullStore } from "./full-store.ts";
import { machine } from "./machine.ts";

const [wanted = 100_000] = process.argv.slice(2).map(Number);
const placed = 1000;
const shoppers = 4;
const scripts = join(import.meta.dirname, "../scripts");

const details = {
  currency: "GBP",
  email: "guest@example.com",
  shippingAddress: { name: "Ada", line1: "1 High Street", city: "London", postalCode: "N1", country: "GB" },
  shippingMethod: "standard",
  payment: { provider: "test", token: "tok_visa" },
};

/** Orders until it is told to end; ids in the order of their acknowledgement. */
async function shop(
  client: Client,
  skus: readonly string[],
  ids: string[],
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    const sku = skus[ids.length % skus.length];
    const order = await client.expect<{ id: string }>(201, {
      method: "POST",
      path: "/orders",
      headers: { "idempotency-key": randomBytes(18).toString("base64url") },
      body: { ...details, lines: [{ sku, quantity: 1 }] },
    });
    ids.push(order.id);
  }
}

const shopUntil = (client: Client, skus: readonly string[], ids: string[], isOver: () => boolean) =>
  Promise.all(Array.from({ length: shoppers }, () => shop(client, skus, ids, isOver)));

async function run(script: string, ...args: string[]): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, [join(scripts, script), ...args], { stdio: "inherit" });
  const [code] = (await once(child, "exit")) as [number];
  if (code !== 0) throw new Error(`${script} ended with ${code}`);
  return (performance.now() - began) / 1000;
}

function missingIn(folder: string, ids: readonly string[]): { orders: number; missing: string[] } {
  const database = new DatabaseSync(join(folder, "orders.sqlite"), { readOnly: true });
  const find = database.prepare("select 1 from orders where id = ?");
  const missing = ids.filter((id) => find.get(id) === undefined);
  const { n } = database.prepare("select count(*) as n from orders").get() as { n: number };
  database.close();
  return { orders: n, missing };
}

async function fill({ store, client, skus, dataDir }: FullStore): Promise<void> {
  const first: string[] = [];
  await shopUntil(client, skus, first, () => first.length >= placed);
  // Mails, audit and webhooks have their rows a moment later.
  await delay(1500);
  await store.stop();
  const rows = cloneOrders(dataDir, Math.ceil(wanted / placed) - 1);
  console.log(`${first.length} orders were placed, and copied to about ${wanted} with ${rows} rows`);
}

console.log(machine());
const full = await startFullStore(500);
const [copy, restored] = [`${full.dataDir}-copy`, `${full.dataDir}-restored`];
let again: Awaited<ReturnType<FullStore["again"]>> | undefined;
try {
  await fill(full);
  again = await full.again();
  const client = new Client(again.url);
  const ids: string[] = [];
  let over = false;
  const load = shopUntil(client, full.skus, ids, () => over);
  await delay(3000);
  const early = ids.slice();
  const backup = await run("backup.ts", copy, "--data", full.dataDir);
  over = true;
  await load;
  client.close();
  const restore = await run("restore.ts", copy, "--data", restored);
  const { orders, missing } = missingIn(restored, early);
  console.log(
    `${orders} orders: backup ${backup.toFixed(1)} s under ${shoppers} shoppers (${ids.length - early.length} orders meanwhile), ` +
      `restore ${restore.toFixed(1)} s, both verified: ${(backup + restore).toFixed(1)} s; ` +
      `of ${early.length} orders acknowledged before it began, ${missing.length} are missing`,
  );
  process.exitCode = missing.length > 0 || orders < wanted ? 1 : 0;
} finally {
  await again?.stop();
  await full.remove();
  for (const folder of [copy, restored]) rmSync(folder, { recursive: true, force: true });
}
