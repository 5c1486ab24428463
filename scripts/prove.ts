/** `npm run prove`: a cluster, shoppers, and something that kills whatever it likes; then every invariant. */
import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { environment } from "../moleculer.config.ts";
import { startMongo } from "./cluster/cluster.ts";
import { missingPrograms } from "./cluster/programs.ts";
import { crashRun } from "./crash/run.ts";
import { violationsOf } from "./crash/settle.ts";
import { prove, type Proof } from "./prove/run.ts";
import { printLines } from "./verify/print.ts";

const help = `npm run prove [-- --orders <n>] [--kills <n>] [--seed <n>] [--profile cluster|embedded] [--shoppers <n>] [--at-once <n>] [--only <words>] [--data <folder>]

Starts a cluster of eight nodes on NATS and PostgreSQL, lets shoppers browse, fill carts, order, cancel, ship and refund,
and meanwhile kills and freezes nodes, gateways, nats-server and PostgreSQL and doubles events at seeded moments. Afterwards every invariant is
checked, also against what the shoppers were told.

  --orders <n>      orders to place (2000)
  --kills <n>       faults (20)
  --seed <n>        draws the faults and the baskets (the time)
  --profile <name>  cluster, or embedded: one process that is killed (cluster)
  --shoppers <n>    shoppers at once (12)
  --at-once <n>     faults that go on at the same time (1)
  --only <words>    only faults whose name has one of these words, such as gateway,PostgreSQL
  --data <folder>   an empty folder (a fresh temporary one)
The catalogue lies on MONGO_URL, or on a compatible server by Java and Maven, or embedded on one node that is not killed.
Exit code 1 on any violation or a request that was never answered.`;

const { values } = parseArgs({
  options: {
    orders: { type: "string", default: "2000" },
    kills: { type: "string", default: "20" },
    seed: { type: "string" },
    profile: { type: "string", default: "cluster" },
    shoppers: { type: "string", default: "12" },
    only: { type: "string" },
    "at-once": { type: "string", default: "1" },
    data: { type: "string" },
    help: { type: "boolean" },
  },
});

const ms = (value: number, width: number): string => `${Math.round(value)} ms`.padStart(width);

function printFigures({ figures, windows, failures }: Proof): void {
  console.log("A gap is the time without a success in which somebody waited for one.");
  console.log(
    "route                                       requests  failed  longest gap  without faults  slowest",
  );
  for (const { route, requests, failed, longestGap, calmGap, slowest } of figures)
    console.log(
      `${route.padEnd(44)}${String(requests).padStart(8)}${String(failed).padStart(8)}` +
        `${ms(longestGap, 13)}${ms(calmGap, 16)}${ms(slowest, 9)}`,
    );
  for (const [text, times] of failures.slice(0, 10)) console.log(`  ${times} x ${text}`);
  console.log("fault                                          times  longest gap");
  for (const { fault, times, longestGap, route } of windows)
    console.log(`${(fault ?? "none").padEnd(44)}${String(times).padStart(8)}${ms(longestGap, 13)}  ${route}`);
}

function report(proof: Proof, seed: number, kills: number): number {
  const { figures, lines, counts } = proof;
  printLines(lines);
  printFigures(proof);
  const sum = (of: "requests" | "failed" | "silent") => figures.reduce((all, one) => all + one[of], 0);
  const violations = violationsOf(lines).length;
  const rate = ((100 * sum("failed")) / Math.max(1, sum("requests"))).toFixed(3);
  const others = [...counts].filter(([word]) => word !== "orders").map(([word, n]) => `${n} ${word}`);
  console.log(
    `Seed ${seed}: ${kills} kills, ${proof.orders} orders acknowledged (${others.join(", ")}) in ${proof.seconds.toFixed(0)} s; ` +
      `${sum("requests")} requests, error rate ${rate} %, ${sum("silent") + proof.gaveUp} never answered`,
  );
  console.log(violations === 0 ? "0 violations" : `${violations} VIOLATIONS`);
  return violations === 0 && sum("silent") === 0 && proof.gaveUp === 0 ? 0 : 1;
}

async function onCluster(seed: number, folder: string): Promise<number> {
  const missing = missingPrograms(["nats", "postgres"]);
  if (missing.length > 0) {
    console.error(missing.join("\n"));
    return 2;
  }
  const given = environment()["MONGO_URL"];
  const mongo = given === undefined ? startMongo(join(folder, "mongo")) : undefined;
  const mongoUrl = given ?? mongo?.url;
  if (mongoUrl === undefined)
    console.log("No MongoDB: the catalogue is embedded on one node, which is not killed.");
  try {
    const numbers = {
      orders: Number(values.orders),
      kills: Number(values.kills),
      shoppers: Number(values.shoppers),
      atOnce: Number(values["at-once"]),
      ...(values.only !== undefined && { only: values.only.split(",") }),
    };
    const say = (line: string) => console.log(line);
    const proof = await prove({ ...numbers, seed, folder, say, ...(mongoUrl !== undefined && { mongoUrl }) });
    return report(proof, seed, numbers.kills);
  } finally {
    mongo?.stop();
  }
}

async function embedded(seed: number, dataDir: string): Promise<number> {
  const kills = Number(values.kills);
  const say = (line: string) => console.log(line);
  const result = await crashRun({ kills, shoppers: Number(values.shoppers), seed, dataDir, say });
  printLines(result.lines);
  const violations = violationsOf(result.lines).length;
  console.log(
    `Seed ${seed}: ${kills} kills, ${result.counts.get("orders") ?? 0} orders acknowledged in ${result.seconds.toFixed(0)} s; ${violations} violations`,
  );
  return violations === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
  const folder = values.data ?? mkdtempSync(join(tmpdir(), "valence-prove-"));
  mkdirSync(folder, { recursive: true });
  console.log(`Seed ${seed}; the data lies in ${folder}`);
  return values.profile === "embedded" ? embedded(seed, folder) : onCluster(seed, folder);
}

// What was started ends with this process (`startChild`).
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

if (values.help) console.log(help);
else process.exitCode = await main();
