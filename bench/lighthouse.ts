/** `npm run lighthouse`: what a phone and a desk make of the shop's pages; writes bench/LIGHTHOUSE.md, exits 1 below the bar. */
import { writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { startStoreProcess } from "../scripts/lib/store-process.ts";
import { openAuditor } from "./lighthouse/auditor.ts";
import { bars, missed } from "./lighthouse/bar.ts";
import { firstRoute } from "./lighthouse/first-route.ts";
import { report } from "./lighthouse/report.ts";
import { median, type Figures } from "./lighthouse/figures.ts";
import { withTempFolder } from "./lighthouse/temp-folder.ts";

const { values } = parseArgs({
  options: {
    help: { type: "boolean", default: false },
    runs: { type: "string", default: "5" },
    page: { type: "string", multiple: true },
    device: { type: "string", multiple: true },
    write: { type: "boolean", default: true },
  },
  allowNegative: true,
});

const pages = { home: "/", category: "/c/kitchen", product: "/p/enamelled-casserole" } as const;
const devices = ["mobile", "desktop"] as const;

if (values.help) {
  console.log(`npm run lighthouse -- [--runs 5] [--page home] [--device mobile] [--no-write]
Starts a store with the sample catalogue and asks Lighthouse about ${Object.keys(pages).join(", ")}, on ${devices.join(" and ")};
the figures are medians. Needs a Chromium (or CHROMIUM=<path>) and a machine with nothing else to do.
Exits 1 when a page is below: ${bars.join("; ")}.`);
  process.exit(0);
}

const load = loadavg()[0] ?? 0;
const rows: { page: string; device: string; figures: Figures }[] = [];
const sizes = await withTempFolder(async (folder) => {
  const store = await startStoreProcess({ DATA_DIR: folder, RATE_LIMITS: "off" });
  const auditor = await openAuditor();
  try {
    for (const [page, path] of Object.entries(pages)) {
      if (values.page && !values.page.includes(page)) continue;
      // The first visit loads the renderer; a shop that is open has done that.
      await fetch(store.url + path);
      for (const device of devices) {
        if (values.device && !values.device.includes(device)) continue;
        const runs: Figures[] = [];
        for (let run = 1; run <= Number(values.runs); run++) {
          const figures = await auditor.audit(store.url + path, device);
          runs.push(figures);
          const { performance, lcp, tbt, cls } = figures;
          console.log(
            `  ${page} ${device} ${run}: ${performance} points, LCP ${lcp.toFixed(0)} ms, TBT ${tbt.toFixed(0)} ms, CLS ${cls.toFixed(3)}`,
          );
        }
        rows.push({ page, device, figures: median(runs) });
      }
    }
    return await firstRoute(store.url);
  } finally {
    await auditor.close();
    await store.stop();
  }
});

const text = report({ rows, sizes, load, runs: Number(values.runs) });
console.log(`\n${text}`);
const isWhole = !values.page && !values.device;
if (values.write && isWhole) await writeFile(join(import.meta.dirname, "LIGHTHOUSE.md"), text);
const faults = missed(rows, sizes);
for (const fault of faults) console.log(`below the bar: ${fault}`);
console.log(`${rows.length} pages measured, ${faults.length} below the bar`);
process.exitCode = faults.length > 0 ? 1 : 0;
