/**
 * `npm run bench -- observability [rounds] [seconds]`: what metrics and traces cost a checkout. Two stores with the same
 * catalogue, one with both and one with neither, take the same load in turns, so that a busy machine hits both alike. A
 * round's two turns are compared with each other alone, since the machine of the next round may be a faster one.
 */
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../scripts/lib/store-process.ts";
import { measureCheckout } from "./checkout.ts";
import { startFullStore, type FullStore } from "./full-store.ts";
import { machine } from "./machine.ts";
import { median } from "./ranks.ts";
import { ms, perSecond, printRow } from "./results.ts";

const [rounds = 10, seconds = 4] = process.argv.slice(2).map(Number);
const shoppers = 8;
const products = 1000;
const warmUpSeconds = 10;
/** Milliseconds between two visits of Prometheus, as deploy/prometheus has it. */
const scrapeEvery = 5000;

interface Figures {
  perSecond: number;
  cpu: number;
}

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
  // Until its hot code is compiled, a store grows faster from round to round.
  for (const store of stores) await measureCheckout(store, "cart", shoppers, warmUpSeconds);
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
  const ratios = (what: keyof Figures) => found.on.map((on, n) => on[what] / (found.off[n] as Figures)[what]);
  const change = (what: keyof Figures) => ((median(ratios(what)) - 1) * 100).toFixed(1);
  console.log(
    `metrics and traces: ${change("perSecond")} % orders/s (${perSecond(of("on", "perSecond"))} and ` +
      `${perSecond(of("off", "perSecond"))}), ${change("cpu")} % CPU an order; medians of ${rounds} rounds`,
  );
} finally {
  for (const store of stores) await store.remove();
}
