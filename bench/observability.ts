/**
 * `npm run bench -- observability [rounds] [seconds]`: what metrics and traces cost a checkout. Two stores with the same
 * catalogue, one with both and one with neither, take the same load in turns, so that a busy machine hits both alike.
 */
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../scripts/lib/store-process.ts";
import { measureCheckout } from "./checkout.ts";
import { startFullStore, type FullStore } from "./full-store.ts";
import { machine } from "./machine.ts";
import { ms, perSecond, printRow } from "./results.ts";

const [rounds = 6, seconds = 4] = process.argv.slice(2).map(Number);
const shoppers = 8;
const products = 1000;
/** Milliseconds between two visits of Prometheus, as deploy/prometheus has it. */
const scrapeEvery = 5000;

interface Figures {
  perSecond: number;
  cpu: number;
}

const median = (list: readonly number[]): number =>
  [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] as number;

async function scrapeUntil(port: number, end: AbortSignal): Promise<void> {
  while (!end.aborted) {
    await Promise.all(
      ["/metrics", "/cluster"].map((path) =>
        fetch(`http://127.0.0.1:${port}${path}`).then((page) => page.text()),
      ),
    );
    await delay(scrapeEvery, undefined, { signal: end }).catch(() => undefined);
  }
}

async function turn(store: FullStore, metricsPort?: number): Promise<Figures> {
  const end = new AbortController();
  const scraping = metricsPort === undefined ? undefined : scrapeUntil(metricsPort, end.signal);
  const figures = await measureCheckout(store, "cart", shoppers, seconds);
  end.abort();
  await scraping;
  return figures;
}

const port = await freePort();
const stores: FullStore[] = [];
try {
  console.log(`${machine()}; ${rounds} turns of ${seconds} s each, ${shoppers} shoppers`);
  const on = await startFullStore(products, { METRICS_PORT: String(port) });
  stores.push(on);
  const off = await startFullStore(products, { TRACING: "off" });
  stores.push(off);
  const found: { on: Figures[]; off: Figures[] } = { on: [], off: [] };
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? (["on", "off"] as const) : (["off", "on"] as const);
    for (const which of order) {
      const figures = await turn(which === "on" ? on : off, which === "on" ? port : undefined);
      found[which].push(figures);
      printRow({
        what: `round ${round + 1}, ${which}`,
        figures: { "orders/s": perSecond(figures.perSecond), "CPU ms an order": ms(figures.cpu) },
      });
    }
  }
  const of = (which: "on" | "off", what: keyof Figures) => median(found[which].map((one) => one[what]));
  const change = (what: keyof Figures) => ((of("on", what) / of("off", what) - 1) * 100).toFixed(1);
  console.log(
    `metrics and traces: ${change("perSecond")} % orders/s (${perSecond(of("on", "perSecond"))} for ` +
      `${perSecond(of("off", "perSecond"))}), ${change("cpu")} % CPU an order; medians`,
  );
} finally {
  for (const store of stores) await store.remove();
}
