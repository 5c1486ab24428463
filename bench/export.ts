/** `npm run bench -- export [rows]`: streams that many rows of stock out of a store and watches its memory. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import process from "node:process";
import { Client, login } from "../scripts/lib/client.ts";
import { startStoreProcess } from "../scripts/lib/store-process.ts";
import { machine, memoryOf } from "./machine.ts";

const rows = Number(process.argv[2] ?? 1_000_000);
const dataDir = mkdtempSync(join(tmpdir(), "valence-export-"));
const env = {
  DATA_DIR: dataDir,
  ADMIN_EMAIL: "admin@example.com",
  ADMIN_PASSWORD: "correct horse battery",
  RATE_LIMITS: "off",
  SAMPLE_DATA: "off",
};
const MB = 1_048_576;

/** Straight into the file of a store that is stopped: this is about reading. */
function fill(): void {
  const db = new DatabaseSync(join(dataDir, "inventory.sqlite"));
  db.prepare(
    `with recursive n(i) as (select 1 union all select i + 1 from n where i < ?)
     insert into items (sku, on_hand, reserved, version, changed) select printf('SKU-%08d', i), i % 100, 0, 1, i from n`,
  ).run(rows);
  db.close();
}

async function measure(url: string, pid: number | undefined, staff: Record<string, string>, query: string) {
  const started = performance.now();
  const before = memoryOf(pid).now;
  const answer = await fetch(`${url}/api/v1/admin/exports/stock?${query}`, {
    headers: { ...staff, "accept-encoding": "identity" },
  });
  let [lines, bytes, most, looked] = [0, 0, 0, 0];
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    for (const byte of chunk) if (byte === 10) lines += 1;
    if (performance.now() - looked < 100) continue;
    looked = performance.now();
    most = Math.max(most, memoryOf(pid).now);
  }
  const seconds = (performance.now() - started) / 1000;
  console.log(
    `${query}: ${lines} lines, ${(bytes / MB).toFixed(0)} MB in ${seconds.toFixed(1)} s; ` +
      `RSS ${(before / MB).toFixed(0)} MB before, ${(most / MB).toFixed(0)} MB at most`,
  );
}

console.log(machine());
try {
  await (await startStoreProcess(env)).stop();
  fill();
  const store = await startStoreProcess(env);
  const client = new Client(store.url);
  const staff = await login(client, env.ADMIN_EMAIL, env.ADMIN_PASSWORD);
  for (const query of ["format=ndjson", "format=csv"])
    await measure(store.url, store.process.pid, staff, query);
  client.close();
  await store.stop();
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}
