/** `npm run bench -- dashboard`: the back office's pages on a store with many orders. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startStoreProcess } from "../scripts/lib/store-process.ts";
import { fillOrders } from "./fill-orders.ts";
import { cpuOf } from "./machine.ts";
import { ms, printRow, type Group, type Row } from "./results.ts";

const DAYS = 90;
const ASKED = 100;
const admin = { email: "admin@valence.local", password: "correct horse battery" };

const asked = [
  ["dashboard: figures of 14 days", "admin/stats?days=14"],
  ["dashboard: figures of 90 days", "admin/stats?days=90"],
  ["dashboard: low stock", "admin/inventory?lowerThan=5&limit=8"],
  ["orders, newest first", "admin/orders?limit=25"],
  ["orders by total", "admin/orders?limit=25&sort=-total"],
  ["orders of one status", "admin/orders?limit=25&status=confirmed"],
  ["orders of one shopper", "admin/orders?limit=25&email=shopper7%40example.com"],
  [
    "orders of one week",
    `admin/orders?limit=25&from=${new Date(Date.now() - 14 * 86_400_000).toISOString()}`,
  ],
  ["stuck money: sagas and refunds", "admin/stuck"],
  ["stuck money: halves without the other", "admin/stuck/strays"],
] as const;

async function untilFolded(dataDir: string): Promise<void> {
  const database = new DatabaseSync(join(dataDir, "orders.sqlite"), { readOnly: true });
  const left = database.prepare("select count(*) as n from order_events where folded = 0");
  while ((left.get() as { n: number }).n > 0) await delay(100);
  database.close();
}

async function measure(
  url: string,
  path: string,
  token: string,
  pid: number | undefined,
): Promise<Row["figures"]> {
  const times: number[] = [];
  let cpu = 0;
  for (let n = 0; n < ASKED + 5; n++) {
    if (n === 5) cpu = cpuOf(pid);
    const begun = performance.now();
    const answer = await fetch(`${url}/api/v1/${path}`, { headers: { authorization: `Bearer ${token}` } });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    // The first ones find nothing in the page cache and nothing compiled.
    if (n >= 5) times.push(performance.now() - begun);
  }
  const used = (cpuOf(pid) - cpu) / ASKED;
  times.sort((a, b) => a - b);
  const at = (share: number) => ms(times[Math.floor(share * (times.length - 1))] ?? 0);
  return { "p50 ms": at(0.5), "p99 ms": at(0.99), "most ms": at(1), "CPU ms each": ms(used) };
}

/** Answer times of what the dashboard, the order list and the stuck-money board ask, one after another. */
export async function dashboard(orders: number): Promise<Group> {
  const dataDir = mkdtempSync(join(tmpdir(), "valence-bench-"));
  const env = {
    DATA_DIR: dataDir,
    RATE_LIMITS: "off",
    ADMIN_PASSWORD: admin.password,
    PASSWORD_COST: "cheap",
  };
  const rows: Row[] = [];
  try {
    await (await startStoreProcess(env)).stop();
    console.log(`  filling ${orders.toLocaleString("en")} orders ...`);
    fillOrders(dataDir, orders, DAYS);
    const store = await startStoreProcess(env);
    try {
      await untilFolded(dataDir);
      const login = await fetch(`${store.url}/api/v1/auth/login`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(admin),
      });
      const { accessToken } = (await login.json()) as { accessToken: string };
      for (const [what, path] of asked) {
        const row = { what, figures: await measure(store.url, path, accessToken, store.process.pid) };
        printRow(row);
        rows.push(row);
      }
    } finally {
      await store.stop();
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
  const about = `A store with ${orders.toLocaleString("en")} orders of the last ${DAYS} days; ${ASKED} requests each, one after another, over HTTP with everything on but rate limits.`;
  return { title: "Back office", about, rows };
}

if (import.meta.main) {
  const { values } = parseArgs({
    allowPositionals: true,
    options: { orders: { type: "string", default: "100000" } },
  });
  await dashboard(Number(values.orders));
  process.exit();
}
