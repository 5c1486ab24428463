/** `npm run power-loss`: cuts the power of the store's disk under load and shows that nothing acknowledged is lost. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { violationsOf } from "./crash/settle.ts";
import { makeDisk, type Disk } from "./power-loss/disk.ts";
import { powerLossRun, type PowerLossResult } from "./power-loss/run.ts";
import { printLines } from "./verify/print.ts";

const help = `npm run power-loss [-- --times <n>] [--shoppers <n>] [--seed <n>]

Keeps the store's data on an XFS file system in a file, lets shoppers place orders and staff change products over HTTP,
and cuts that disk's power again and again: what was not synced is gone. Each time the store starts again, and every
acknowledged order and product change must be there; at the end every invariant is checked.
Needs root, xfsprogs and loop devices; says NOT RUN and ends with exit code 0 where they are missing.

  --times <n>       how often the power goes (20)
  --shoppers <n>    shoppers at once (8)
  --seed <n>        makes the moments and the baskets (the time)
Exit code 1 when anything acknowledged is lost, or on any other violation.`;

const { values } = parseArgs({
  options: {
    times: { type: "string", default: "20" },
    shoppers: { type: "string", default: "8" },
    seed: { type: "string" },
    help: { type: "boolean" },
  },
});

const firstLine = (error: unknown): string =>
  String((error as Error).message)
    .trim()
    .split("\n")
    .join(" ");

function report(result: PowerLossResult, seed: number): number {
  const { lines, lost, counts, changes, seconds } = result;
  printLines(lines);
  for (const line of lost) console.log(`LOST: ${line}`);
  console.log(
    `Seed ${seed}: ${values.times} power losses, ${counts.get("orders") ?? 0} orders and ${changes} product changes acknowledged, ${seconds.toFixed(0)} s`,
  );
  const lostOrders = lines.find(({ id }) => id === "I1")?.violations.length ?? 0;
  const others = violationsOf(lines).length - lostOrders;
  console.log(`${lostOrders} orders lost, ${lost.length} product changes lost, ${others} other violations`);
  return lostOrders + lost.length + others === 0 ? 0 : 1;
}

async function onDisk(disk: Disk): Promise<number> {
  const notes = mkdtempSync(join(tmpdir(), "valence-power-loss-"));
  const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
  console.log(`Seed ${seed}`);
  try {
    const result = await powerLossRun({
      disk,
      notes,
      times: Number(values.times),
      shoppers: Number(values.shoppers),
      seed,
      say: (line) => console.log(line),
    });
    return report(result, seed);
  } finally {
    await disk.remove();
    rmSync(notes, { recursive: true, force: true });
  }
}

async function main(): Promise<number> {
  const disk = await makeDisk().catch((error: unknown) => error as Error);
  if ("folder" in disk) return onDisk(disk);
  console.log(
    `!!! NOT RUN: this machine gives no disk whose power can be cut (root, xfsprogs and loop devices are needed): ${firstLine(disk)}`,
  );
  console.log("0 passed, 0 failed, 1 skipped");
  return 0;
}

if (values.help) console.log(help);
else process.exitCode = await main();
