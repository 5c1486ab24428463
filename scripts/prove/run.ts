import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pick, seeded, seedAt, type Random } from "../../bench/random.ts";
import { startCluster, type Cluster } from "../cluster/cluster.ts";
import type { ClusterNode } from "../cluster/node.ts";
import { articles } from "../crash/run.ts";
import { historyOf, settle } from "../crash/settle.ts";
import { shopOnce, tally } from "../crash/shopper.ts";
import { staffOf } from "../crash/victim.ts";
import { HistoryWriter } from "../history.ts";
import { importCatalogue } from "../replay/import.ts";
import type { Line } from "../verify/run.ts";
import type { WindowFigures } from "./gaps.ts";
import { MeteredClient, type RouteFigures } from "./meter.ts";
import { draw, type Fault } from "./nemesis.ts";

export interface ProveOptions {
  orders: number;
  kills: number;
  /** Faults that go on at the same time. */
  atOnce: number;
  shoppers: number;
  seed: number;
  folder: string;
  /** Only faults whose name has one of these words; all when left out. */
  only?: readonly string[];
  mongoUrl?: string;
  say(line: string): void;
}

export interface Proof {
  orders: number;
  counts: Map<string, number>;
  figures: RouteFigures[];
  windows: WindowFigures[];
  failures: [string, number][];
  lines: Line[];
  history: string;
  /** Seconds of load. */
  seconds: number;
  /** Shoppers who were never answered, in spite of asking again. */
  gaveUp: number;
}

/** Milliseconds that a shopper asks again under the same key. */
const PATIENCE = 60_000;

const browse = async (client: MeteredClient, random: Random): Promise<void> => {
  const paths = ["/products?limit=20", "/products?limit=20&sort=price", "/products?q=article", "/categories"];
  await client.send({ path: pick(random, paths) }).catch(() => undefined);
};

interface Storm extends ProveOptions {
  cluster: Cluster;
  client: MeteredClient;
  history: HistoryWriter;
  counts: Map<string, number>;
}

/** Shoppers until so many orders are placed and the nemesis is through: about six looks at lists to every order. */
function startShoppers(storm: Storm): { orders(): number; stop(): Promise<number> } {
  const { client, history, counts, shoppers, seed } = storm;
  const staff = staffOf(client);
  const skus = articles.map(({ sku }) => sku);
  let open = true;
  let deadline = Infinity;
  let gaveUp = 0;
  const visit = async (n: number) => {
    const random = seeded(seedAt(seed, n));
    const shopping = { client, history, skus, counts, staff, random, deadline: () => deadline };
    for (let visits = 0; open; visits++) {
      for (let look = 0; look < 6; look++) await browse(client, random);
      await shopOnce(shopping, `shopper${n}`, visits);
    }
  };
  const all = Array.from({ length: shoppers }, (_, n) =>
    visit(n + 1).catch((error: unknown) => {
      tally({ counts }, "shoppers who gave up");
      storm.say(`shopper ${n + 1} gave up: ${(error as Error).message}`);
      gaveUp++;
    }),
  );
  return {
    orders: () => counts.get("orders") ?? 0,
    async stop() {
      open = false;
      deadline = performance.now() + PATIENCE;
      await Promise.all(all);
      return gaveUp;
    },
  };
}

/** Strikes once; what it ended is back when this is over. */
async function strike({ client, cluster }: Storm, fault: Fault, struck: Set<ClusterNode>, random: Random) {
  const close = client.open(fault.name);
  const what = await fault.strike({ cluster, struck, random });
  const { ms, route } = close();
  return `${fault.name}: ${what}; longest gap ${Math.round(ms)} ms (${route})`;
}

/**
 * Spreads the faults over the orders, the first stretch without any; each waits for the one before to be over, or as many
 * go on at once as were asked for.
 */
async function storm(options: Storm): Promise<number> {
  const { cluster, orders, kills, atOnce, seed, say, only } = options;
  const random = seeded(seed);
  const shop = startShoppers(options);
  const struck = new Set<ClusterNode>();
  let kill = 0;
  const lane = async (n: number): Promise<void> => {
    while (kill < kills) {
      const own = ++kill;
      while (shop.orders() < (own * orders) / (kills + 1)) await delay(20);
      await delay(random() * 300);
      const fault = draw(cluster, random, { only, servers: n === 0 });
      const what = await strike(options, fault, struck, random);
      say(`${String(own).padStart(4)}  ${what}; ${shop.orders()} orders`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, n) => lane(n)));
  while (shop.orders() < orders) await delay(50);
  return shop.stop();
}

/** A cluster, shoppers, a nemesis; then every invariant, also against what the shoppers were told. */
export async function prove(options: ProveOptions): Promise<Proof> {
  const { folder, mongoUrl, say } = options;
  const cluster = await startCluster({
    folder,
    ...(mongoUrl !== undefined && { mongoUrl }),
    env: {
      RATE_LIMITS: "off",
      SAMPLE_DATA: "off",
      PASSWORD_COST: "cheap",
      CHECK_ANSWERS: "off",
      LOGLEVEL: "error",
    },
  });
  const client = new MeteredClient(cluster.url);
  const file = join(folder, "history.jsonl");
  const history = new HistoryWriter(file);
  const counts = new Map<string, number>();
  try {
    await importCatalogue(cluster.url, await staffOf(client)(), articles, () => undefined);
    say(`${cluster.nodes.length} nodes are ready at ${cluster.url}`);
    client.begin();
    const began = performance.now();
    const gaveUp = await storm({ ...options, cluster, client, history, counts });
    const seconds = (performance.now() - began) / 1000;
    await history.close();
    const { figures, windows, failures } = client;
    const lines = await settle(cluster, await historyOf(file));
    return {
      orders: counts.get("orders") ?? 0,
      counts,
      figures,
      windows,
      failures,
      lines,
      history: file,
      seconds,
      gaveUp,
    };
  } finally {
    client.close();
    await cluster.stop();
  }
}
