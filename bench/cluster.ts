/** `npm run bench -- cluster`: the store as nodes over NATS, beside bare servers over the same NATS. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { startCluster, startMongo, type Cluster } from "../scripts/cluster/cluster.ts";
import type { Split } from "../scripts/cluster/layout.ts";
import { missingPrograms } from "../scripts/cluster/programs.ts";
import { Client, login } from "../scripts/lib/client.ts";
import { importCatalogue } from "../scripts/replay/import.ts";
import type { BareOrder } from "./bare.ts";
import type { CheckoutFigures, CheckoutLoad } from "./checkout-load.ts";
import type { GetFigures, GetLoad } from "./get-load.ts";
import { cpuOf } from "./machine.ts";
import { remoteCall } from "./remote-call.ts";
import { ms, perSecond, printRow, ratio, writeResults, type Group, type Row } from "./results.ts";

const CONNECTIONS = 16;
/** Before a checkout is counted at least; then until the store gets no faster. */
const warmUpSeconds = 12;
const PAGE = 24;
const articles = Array.from({ length: 1000 }, (_, n) => ({
  sku: `BENCH-${n + 1}`,
  name: `Article ${n + 1} of the bench`,
  price: 500 + n,
  sold: 1_000_000,
}));
const lists = Array.from(
  { length: 200 },
  (_, n) => `/api/v1/products?limit=${PAGE}&sort=price&priceMin=${500 + n * 4}&priceMax=${900 + n * 4}`,
);
/** So many that none is asked again while a gateway still has its answer (`sharedFor`). */
const rareLists = Array.from(
  { length: 2000 },
  (_, n) => `/api/v1/products?limit=${PAGE}&sort=price&priceMin=${500 + (n % 500)}&priceMax=${900 + n}`,
);

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "5" },
    only: { type: "string", default: "call,list,checkout" },
    help: { type: "boolean" },
  },
});
const seconds = Number(values.seconds);
const wanted = values.only.split(",");

const pidsOf = ({ nodes }: Cluster): (number | undefined)[] => nodes.map(({ pid }) => pid);
const cpuOfAll = (pids: readonly (number | undefined)[]): number =>
  pids.reduce<number>((sum, pid) => sum + cpuOf(pid), 0);

interface Read extends GetFigures {
  /** Microseconds of all processes for one request. */
  cpu: number;
}

async function read(
  url: string,
  pids: readonly (number | undefined)[],
  paths: readonly string[] = lists,
): Promise<Read> {
  const child = fork(join(import.meta.dirname, "get-load.ts"));
  child.send({ url, paths, connections: CONNECTIONS, duration: seconds } satisfies GetLoad);
  await once(child, "message");
  const before = cpuOfAll(pids);
  const [figures] = (await once(child, "message")) as [GetFigures];
  return { ...figures, cpu: ((cpuOfAll(pids) - before) * 1000) / figures.total };
}

async function bare(order: BareOrder): Promise<{ child: ChildProcess; url: string }> {
  const child = fork(join(import.meta.dirname, "bare.ts"));
  child.send(order);
  const [url] = (await once(child, "message")) as [string];
  return { child, url };
}

async function lists24(cluster: Cluster, url: string): Promise<Group> {
  const bodies: Record<string, string> = {};
  for (const path of lists) bodies[path] = await (await fetch(url + path)).text();
  const common = { kind: "moleculer-web", bodies, transporter: cluster.nats.url } as const;
  const actions = await bare({ ...common, part: "actions" });
  const gateway = await bare({ ...common, part: "gateway" });
  const least = await read(gateway.url, [actions.child.pid, gateway.child.pid]);
  actions.child.kill();
  gateway.child.kill();
  const store = await read(url, pidsOf(cluster));
  const anew = await read(url, pidsOf(cluster), rareLists);
  const row = (what: string, figures: Read, against?: Read): Row => ({
    what,
    figures: {
      "requests/s": perSecond(figures.perSecond),
      "p99 ms": ms(figures.p99),
      "CPU us each": figures.cpu.toFixed(0),
      ...(against && {
        "of bare": ratio(figures.perSecond / against.perSecond),
        "by CPU": ratio(against.cpu / figures.cpu),
      }),
    },
  });
  const rows = [
    row("bare moleculer-web, its action on another node", least),
    row("list", store, least),
    row("list, each asked of search anew", anew, least),
  ];
  rows.forEach(printRow);
  return {
    title: "Lists over NATS",
    about: `Pages of ${PAGE} of ${articles.length} products, ${CONNECTIONS} connections; gateway and search in processes of their own. A gateway asks for a list once in 300 ms: the first row has 200 lists in turn, the second 2,000.`,
    rows,
  };
}

async function checkouts(cluster: Cluster, url: string, layout: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (const shoppers of [8, 32]) {
    const child = fork(join(import.meta.dirname, "checkout-load.ts"));
    const skus = articles.map(({ sku }) => sku);
    const load: CheckoutLoad = {
      url,
      skus,
      shoppers,
      kind: "cart",
      warmUp: warmUpSeconds * 1000,
      steady: true,
      duration: seconds * 1000,
      seed: shoppers,
    };
    child.send(load);
    await once(child, "message");
    const nodes = cluster.nodes.map(({ plan, pid }) => ({ name: plan.id, pid, before: cpuOf(pid) }));
    const [figures] = (await once(child, "message")) as [CheckoutFigures];
    const used = nodes.map(
      ({ name, pid, before }) => [name, (cpuOf(pid) - before) / figures.orders] as const,
    );
    const row: Row = {
      what: `${layout}: ${shoppers} shoppers`,
      figures: {
        "orders/s": perSecond(figures.perSecond),
        "p50 ms": ms(figures.p50),
        "p99 ms": ms(figures.p99),
        "p99 of the order alone, ms": ms(figures.orderP99),
        "CPU ms of all nodes": ms(used.reduce((sum, [, cpu]) => sum + cpu, 0)),
        "of which": used.map(([name, cpu]) => `${name} ${ms(cpu)}`).join(", "),
      },
    };
    printRow(row);
    rows.push(row);
  }
  return rows;
}

const freshFolder = (): string => mkdtempSync(join(tmpdir(), "valence-bench-"));

/** A cluster with the articles of the bench, for as long as `work` takes. */
async function onCluster<R>(
  options: { mongoUrl: string | undefined; split: Split },
  work: (cluster: Cluster, url: string) => Promise<R>,
): Promise<R> {
  const { mongoUrl, split } = options;
  const folder = freshFolder();
  const cluster = await startCluster({
    folder,
    gateways: 1,
    each: 1,
    split,
    ...(mongoUrl !== undefined && { mongoUrl }),
    env: { RATE_LIMITS: "off", SAMPLE_DATA: "off", PASSWORD_COST: "cheap", LOGLEVEL: "error" },
  });
  try {
    const gateway = cluster.nodes.find(({ plan }) => plan.group === "gateway");
    const url = `http://127.0.0.1:${gateway?.port ?? 0}`;
    const client = new Client(url);
    const staff = await login(client, "admin@example.com", "correct horse battery");
    await importCatalogue(url, staff, articles, () => undefined);
    client.close();
    return await work(cluster, url);
  } finally {
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(mongoUrl: string | undefined): Promise<Group[]> {
  const groups: Group[] = [];
  const rows: Row[] = [];
  await onCluster({ mongoUrl, split: "groups" }, async (cluster, url) => {
    if (wanted.includes("call")) groups.push(await remoteCall(cluster.nats.url, seconds));
    if (wanted.includes("list")) groups.push(await lists24(cluster, url));
    if (wanted.includes("checkout")) rows.push(...(await checkouts(cluster, url, "a node of each group")));
  });
  if (!wanted.includes("checkout")) return groups;
  await onCluster({ mongoUrl, split: "together" }, async (cluster, url) =>
    rows.push(...(await checkouts(cluster, url, "one node of all actors"))),
  );
  return [
    ...groups,
    {
      title: "Checkout on PostgreSQL over NATS",
      about:
        "Whole guest checkouts (a cart, a line, the order): one gateway beside nodes of actors, one database for each actor. " +
        `Counted after ${warmUpSeconds} s of the same load at least, and not before two slices of 3 s brought nothing above the best before them.`,
      rows,
    },
  ];
}

async function main(): Promise<void> {
  const missing = missingPrograms(["nats", "postgres"]);
  if (missing.length > 0) throw new Error(missing.join("\n"));
  const folder = freshFolder();
  try {
    const mongo = startMongo(join(folder, "mongo"));
    const groups = await measure(mongo?.url).finally(() => mongo?.stop());
    if (groups.length === 3) await writeResults(groups, "RESULTS-CLUSTER.md", "npm run bench -- cluster");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// What was started ends with this process (`startChild`).
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

if (values.help)
  console.log(
    "npm run bench -- cluster [--seconds <n>] [--only call,list,checkout]\n\nNeeds nats-server and PostgreSQL.",
  );
else await main();
