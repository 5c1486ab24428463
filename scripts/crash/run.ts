import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { seeded } from "../../bench/random.ts";
import { HistoryWriter } from "../history.ts";
import { Client } from "../lib/client.ts";
import type { Article } from "../replay/invoices.ts";
import { importCatalogue } from "../replay/import.ts";
import type { Line } from "../verify/run.ts";
import { historyOf, settle } from "./settle.ts";
import { startShopping } from "./shopping.ts";
import { staffOf, Victim } from "./victim.ts";

export interface CrashOptions {
  kills: number;
  shoppers: number;
  seed: number;
  dataDir: string;
  /** Milliseconds between two kills, at least and at most. */
  pause?: readonly [number, number];
  env?: Record<string, string>;
  say?: (line: string) => void;
}

export interface CrashResult {
  counts: Map<string, number>;
  lines: Line[];
  history: string;
  seconds: number;
  /** Exit code of the last stop, which is an orderly one. */
  exitCode: number | null;
  /** Milliseconds until the store was ready, for each start. */
  starts: number[];
}

/** Thirty articles, every fifth with little stock, so that shoppers meet at the last piece. */
export const articles: readonly Article[] = Array.from({ length: 30 }, (_, n) => ({
  sku: `CRASH-${n + 1}`,
  name: `Article ${n + 1}`,
  price: 350 + n * 125,
  sold: n % 5 === 0 ? 40 : 100_000,
}));

const seconds = (since: number): string => ((performance.now() - since) / 1000).toFixed(1);

const coupon = { code: "CRASH", kind: "amount", value: 100, currency: "GBP", maxUses: 40 };

/** SIGKILLs the store at random moments while shoppers place orders, then looks at every invariant. */
export async function crashRun(options: CrashOptions): Promise<CrashResult> {
  const { kills, shoppers, seed, dataDir, pause = [300, 1800], say = () => undefined } = options;
  const began = performance.now();
  const victim = await Victim.start(dataDir, options.env);
  const client = new Client(victim.url);
  const file = join(dataDir, "history.jsonl");
  const history = new HistoryWriter(file);
  const counts = new Map<string, number>();
  const random = seeded(seed);
  const staff = staffOf(client);
  try {
    await importCatalogue(victim.url, await staff(), articles, () => undefined);
    await client.expect(201, {
      method: "POST",
      path: "/admin/coupons",
      body: coupon,
      headers: await staff(),
    });
    const skus = articles.map(({ sku }) => sku);
    const shop = startShopping(
      { client, history, skus, counts, staff, coupon: coupon.code },
      { shoppers, seed },
    );
    for (let kill = 1; kill <= kills; kill++) {
      const after = pause[0] + random() * (pause[1] - pause[0]);
      await delay(after);
      await victim.kill();
      await victim.restart();
      say(
        `kill ${kill} after ${Math.round(after)} ms, ready again after ${Math.round(victim.starts.at(-1) ?? 0)} ms, ${counts.get("orders") ?? 0} orders`,
      );
    }
    await delay(pause[0]);
    await shop.stop();
    say(`the last order was answered after ${seconds(began)} s`);
    await history.close();
    const lines = await settle({ dataDir, databaseUrls: {} }, await historyOf(file));
    say(`every queue is empty after ${seconds(began)} s`);
    const exitCode = await victim.stop();
    return { counts, lines, history: file, seconds: Number(seconds(began)), exitCode, starts: victim.starts };
  } finally {
    client.close();
    await victim.kill();
  }
}
