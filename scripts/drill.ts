/** `npm run drill`: a store of five nodes under a real Prometheus; every alert is provoked, and none fires on a calm day. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { findProgram } from "./cluster/programs.ts";
import { due, runDrills, type Report } from "./drill/run.ts";
import { scaled } from "./drill/prometheus.ts";

const help = `npm run drill [-- --calm <minutes>] [--only <alerts>] [--data <folder>]

Starts five nodes over NATS and a real Prometheus on deploy/prometheus/alerts.yml, lets shoppers come and looks for
--calm minutes that no alert fires. Then it makes the cause of each alert (kills nodes, locks a database, fills a disk,
lets a certificate and keys come near their end ...), and waits until the alert fires, which must take less than ${due} s.

  --calm <minutes>  calm minutes before the drills (10; 0 leaves them out)
  --only <alerts>   only the drills of these alerts, with commas between
  --data <folder>   an empty folder (a fresh temporary one)
Rules whose cause cannot be made on purpose are tried with a lower threshold, and the report says so: ${Object.keys(scaled).join(", ")}.
The small disk needs the right to mount (root); without it DiskFilling is reported as not shown.
Needs nats-server, prometheus and openssl. Exit code 1: an alert came late or not at all, or one fired on a calm day.`;

const { values } = parseArgs({
  options: {
    calm: { type: "string", default: "10" },
    only: { type: "string" },
    data: { type: "string" },
    help: { type: "boolean" },
  },
});

function print({ outcomes, loud, calmMinutes, missing }: Report): number {
  for (const { alert, cause, after } of outcomes) {
    const word = after === undefined ? "did not fire" : `fired after ${after.toFixed(0)} s`;
    const mark = after !== undefined && after <= due ? "ok    " : "FAILED";
    console.log(`${mark} ${alert.padEnd(20)} ${word.padEnd(18)} ${cause}`);
  }
  if (calmMinutes > 0)
    console.log(
      loud.length === 0
        ? `ok     no alert in ${calmMinutes} calm minutes`
        : `FAILED fired in ${calmMinutes} calm minutes: ${loud.join(", ")}`,
    );
  for (const alert of missing) console.log(`FAILED ${alert} was not shown`);
  const late = outcomes.filter(({ after }) => after === undefined || after > due);
  return late.length + loud.length + missing.length > 0 ? 1 : 0;
}

async function main(): Promise<number> {
  const missing = ["nats-server", "prometheus", "openssl"].filter((name) => findProgram(name) === undefined);
  if (missing.length > 0) {
    console.error(`Missing: ${missing.join(", ")}; on Debian: apt-get install ${missing.join(" ")}.`);
    return 1;
  }
  const folder = values.data ?? mkdtempSync(join(tmpdir(), "valence-drill-"));
  const began = performance.now();
  const say = (line: string) =>
    console.log(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${line}`);
  try {
    return print(await runDrills(folder, Number(values.calm), values.only?.split(","), say));
  } finally {
    if (values.data === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

// Ctrl-C ends the nodes and servers too: they go with this process's exit.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

if (values.help === true) console.log(help);
else process.exit(await main());
