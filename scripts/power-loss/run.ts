import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { seeded } from "../../bench/random.ts";
import { articles } from "../crash/run.ts";
import { historyOf, settle } from "../crash/settle.ts";
import { startShopping } from "../crash/shopping.ts";
import { staffOf, Victim } from "../crash/victim.ts";
import { HistoryWriter } from "../history.ts";
import { Client } from "../lib/client.ts";
import { importCatalogue } from "../replay/import.ts";
import type { Line } from "../verify/run.ts";
import type { Disk } from "./disk.ts";
import { lostChanges, startEditing, type Editing } from "./editors.ts";

export interface PowerLossOptions {
  disk: Disk;
  /** Folder on another disk, for what the clients were told. */
  notes: string;
  times: number;
  shoppers: number;
  seed: number;
  say(line: string): void;
}

export interface PowerLossResult {
  counts: Map<string, number>;
  changes: number;
  /** Product changes that were acknowledged and are gone. */
  lost: string[];
  lines: Line[];
  seconds: number;
}

const EDITORS = 4;

async function productIds(client: Client, headers: Record<string, string>): Promise<string[]> {
  const { data } = await client.expect<{ data: { id: string }[] }>(200, {
    path: `/admin/products?limit=${EDITORS}`,
    headers,
  });
  return data.map(({ id }) => id);
}

/** Cuts the power of the store's disk under load, again and again; each time everything acknowledged must be there. */
export async function powerLossRun(options: PowerLossOptions): Promise<PowerLossResult> {
  const { disk, notes, times, shoppers, seed, say } = options;
  const began = performance.now();
  const dataDir = join(disk.folder, "data");
  await mkdir(dataDir);
  const file = join(notes, "history.jsonl");
  const history = new HistoryWriter(file);
  const victim = await Victim.start(dataDir);
  const client = new Client(victim.url);
  const staff = staffOf(client);
  const counts = new Map<string, number>();
  const editing: Editing = { client, staff, acknowledged: new Map(), changes: 0 };
  const random = seeded(seed);
  const lost: string[] = [];
  try {
    await importCatalogue(victim.url, await staff(), articles, () => undefined);
    const ids = await productIds(client, await staff());
    const skus = articles.map(({ sku }) => sku);
    const shop = startShopping({ client, history, skus, counts, staff }, { shoppers, seed });
    for (let time = 1; time <= times; time++) {
      const stopEditing = startEditing(editing, ids);
      await delay(400 + random() * 1200);
      await disk.cut();
      await victim.kill();
      await stopEditing();
      await disk.restore();
      await victim.restart();
      lost.push(...(await lostChanges(editing)).map((line) => `after power loss ${time}: ${line}`));
      say(
        `power loss ${time}: ${counts.get("orders") ?? 0} orders and ${editing.changes} product changes acknowledged so far, ${lost.length} lost changes`,
      );
    }
    await shop.stop();
    await history.close();
    const lines = await settle({ dataDir, databaseUrls: {} }, await historyOf(file));
    await victim.stop();
    return { counts, changes: editing.changes, lost, lines, seconds: (performance.now() - began) / 1000 };
  } finally {
    client.close();
    await victim.kill();
  }
}
