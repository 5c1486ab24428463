/** `npm run crash`: kills the store at random moments while shoppers place orders, and shows that nothing went wrong. */
import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { crashRun, type CrashResult } from "./crash/run.ts";
import { violationsOf } from "./crash/settle.ts";
import { printLines } from "./verify/print.ts";

const help = `npm run crash [-- --kills <n>] [--shoppers <n>] [--seed <n>] [--data <folder>]

Starts a store on an empty data folder, lets shoppers place, cancel, ship and refund orders over HTTP, and SIGKILLs the
store at seeded random moments, starting it again each time. A shopper whose answer was lost asks again under the same
Idempotency-Key until it is answered. At the end every invariant is checked, also against what the shoppers were told.

  --kills <n>       how often the store is killed (25)
  --shoppers <n>    shoppers at once (8)
  --seed <n>        makes the moments and the baskets (the time)
  --data <folder>   an empty data folder (a fresh temporary one)
Exit code 1 on any violation.`;

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "25" },
    shoppers: { type: "string", default: "8" },
    seed: { type: "string" },
    data: { type: "string" },
    help: { type: "boolean" },
  },
});

function report(result: CrashResult, kills: number, seed: number): number {
  const { counts, lines, seconds, starts, exitCode } = result;
  printLines(lines);
  const others = [...counts].filter(([word]) => word !== "orders").map(([word, n]) => `${n} ${word}`);
  console.log(
    `Seed ${seed}: ${kills} kills, ${counts.get("orders") ?? 0} orders acknowledged (${others.join(", ")}), ${seconds.toFixed(0)} s; ` +
      `ready after ${Math.round(Math.min(...starts))} to ${Math.round(Math.max(...starts))} ms; the last stop ended with exit code ${exitCode}`,
  );
  const wrong = violationsOf(lines).length + (exitCode === 0 ? 0 : 1);
  console.log(wrong === 0 ? "0 violations" : `${wrong} VIOLATIONS`);
  return wrong === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
  const kills = Number(values.kills);
  const dataDir = values.data ?? mkdtempSync(join(tmpdir(), "valence-crash-"));
  mkdirSync(dataDir, { recursive: true });
  console.log(`Seed ${seed}; the data lies in ${dataDir}`);
  const result = await crashRun({
    kills,
    shoppers: Number(values.shoppers),
    seed,
    dataDir,
    say: (line) => console.log(line),
  });
  return report(result, kills, seed);
}

if (values.help) console.log(help);
else process.exitCode = await main();
