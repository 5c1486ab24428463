/** Whether the time of a failed login tells which addresses have an account (reliability.md, check 16). */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { startStoreProcess } from "../scripts/lib/store-process.ts";
import { LeanClient } from "./lean-client.ts";
import { mannWhitney, median } from "./ranks.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { help: { type: "boolean" } },
});
const tries = Number(positionals[0] ?? 300);
const help = `npm run bench -- login [<n>]

Signs in n times (300) with a wrong password at a known and at an unknown address, in turn, and compares the times.
Passed: the medians lie within 5 ms, and the Mann-Whitney test sees no difference (p above 0.01).`;

const known = "admin@example.com";
/** Milliseconds between the medians, and the least probability of a difference by chance. */
const bound = { ms: 5, p: 0.01 };

async function timeOf(client: LeanClient, email: string): Promise<number> {
  const body = JSON.stringify({ email, password: "a wrong password" });
  const begun = performance.now();
  const { status } = await client.send("POST", "/api/v1/auth/login", body, "");
  if (status !== 401) throw new Error(`A login was answered ${status}`);
  return performance.now() - begun;
}

async function measure(url: string): Promise<boolean> {
  const client = new LeanClient(new URL(url));
  const times = { known: [] as number[], unknown: [] as number[] };
  for (let n = 0; n < 10; n++) await timeOf(client, n % 2 ? known : "nobody@example.com");
  for (let n = 0; n < tries; n++) {
    // Who is first changes, so that what runs besides meets both alike; the addresses are equally long.
    const order = n % 2 ? (["known", "unknown"] as const) : (["unknown", "known"] as const);
    const stranger = `s${String(n).padStart(4, "0")}@example.com`;
    for (const kind of order) times[kind].push(await timeOf(client, kind === "known" ? known : stranger));
    if (n % 50 === 49) console.log(`${n + 1} of ${tries}`);
  }
  client.close();
  const [a, b] = [median(times.known), median(times.unknown)];
  const p = mannWhitney(times.known, times.unknown);
  const passed = Math.abs(a - b) < bound.ms && p > bound.p;
  console.log(
    `known ${a.toFixed(2)} ms, unknown ${b.toFixed(2)} ms, ${Math.abs(a - b).toFixed(2)} ms apart, p ${p.toFixed(3)}`,
  );
  console.log(passed ? "passed" : "FAILED");
  return passed;
}

async function main(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "valence-login-"));
  const store = await startStoreProcess({
    DATA_DIR: dataDir,
    ADMIN_EMAIL: known,
    ADMIN_PASSWORD: "correct horse battery",
    RATE_LIMITS: "off",
    SAMPLE_DATA: "off",
  });
  try {
    if (!(await measure(store.url))) process.exitCode = 1;
  } finally {
    await store.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

if (values.help) console.log(help);
else await main();
