import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { BareOrder } from "./bare.ts";
import type { FullStore } from "./full-store.ts";
import type { GetFigures, GetLoad } from "./get-load.ts";
import { cpuOf } from "./machine.ts";
import { between, pick, seeded, type Random } from "./random.ts";
import { ms, perSecond, printRow, ratio, type Group, type Row } from "./results.ts";

const CONNECTIONS = 16;
const PATHS = 400;
const PAGE = 24;
/** Products that are changed each second while the catalogue is read. */
const WRITES_PER_SECOND = 20;

interface Measured extends GetFigures {
  /** Microseconds of the server's CPU for one request. */
  cpu: number;
}

async function measure(
  url: string,
  pid: number | undefined,
  paths: string[],
  seconds: number,
): Promise<Measured> {
  const child = fork(join(import.meta.dirname, "get-load.ts"));
  child.send({ url, paths, connections: CONNECTIONS, duration: seconds } satisfies GetLoad);
  await once(child, "message");
  const before = cpuOf(pid);
  const [figures] = (await once(child, "message")) as [GetFigures];
  return { ...figures, cpu: ((cpuOf(pid) - before) * 1000) / figures.total };
}

const sorts = ["price", "-price", "name", "newest"];

function filterOf({ products }: FullStore, random: Random): string {
  const query = new URLSearchParams({ currency: "GBP", limit: String(PAGE) });
  if (random() < 0.6) query.set("category", pick(random, products).categories.at(-1) ?? "");
  if (random() < 0.4) query.set("priceMin", String(between(random, 0, 20) * 100));
  if (random() < 0.4) query.set("priceMax", String(between(random, 30, 200) * 100));
  if (random() < 0.3) query.set("inStock", "true");
  query.set("sort", pick(random, sorts));
  return `/api/v1/products?${query.toString()}`;
}

/** Lists with random filters and sorts, a third of them some pages further on. */
async function listPaths(full: FullStore, random: Random): Promise<string[]> {
  const paths: string[] = [];
  while (paths.length < PATHS) {
    let path = filterOf(full, random);
    for (let page = random() < 0.33 ? between(random, 1, 4) : 0; page > 0; page--) {
      const { next } = (
        (await (await fetch(full.store.url + path)).json()) as { page: { next: string | null } }
      ).page;
      if (next === null) break;
      path = `${path.replace(/&cursor=.*/, "")}&cursor=${encodeURIComponent(next)}`;
    }
    paths.push(path);
  }
  return paths;
}

const detailPaths = ({ products }: FullStore, random: Random): string[] =>
  Array.from({ length: PATHS }, () => `/api/v1/products/${pick(random, products).slug}?currency=GBP`);

async function bodiesOf(url: string, paths: readonly string[]): Promise<Record<string, string>> {
  const bodies: Record<string, string> = {};
  for (const path of paths) bodies[path] = await (await fetch(url + path)).text();
  return bodies;
}

async function serveBare(order: BareOrder): Promise<{ url: string; child: ChildProcess }> {
  const child = fork(join(import.meta.dirname, "bare.ts"));
  child.send(order);
  const [url] = (await once(child, "message")) as [string];
  return { url, child };
}

/** Changes products one after the other until it is stopped; answers how many. */
function keepWriting({ client, staff, products }: FullStore): () => Promise<number> {
  let open = true;
  let written = 0;
  const all = (async () => {
    const random = seeded(3);
    while (open) {
      const { slug } = pick(random, products);
      const { id } = await client.expect<{ id: string }>(200, { path: `/products/${slug}?currency=GBP` });
      const path = `/admin/products/${id}`;
      const { version } = await client.expect<{ version: number }>(200, { path, headers: staff });
      const headers = { ...staff, "if-match": `"${version}"` };
      const body = { description: `Changed ${written} times, and still for sale.` };
      await client.expect(200, { method: "PATCH", path, headers, body });
      written += 1;
      await delay(1000 / WRITES_PER_SECOND);
    }
  })();
  return async () => {
    open = false;
    await all;
    return written;
  };
}

const rowOf = (what: string, figures: Measured, bare?: Measured): Row => ({
  what,
  figures: {
    "requests/s": perSecond(figures.perSecond),
    "p99 ms": ms(figures.p99),
    "CPU us each": figures.cpu.toFixed(0),
    ...(bare && {
      "of bare moleculer-web": ratio(figures.perSecond / bare.perSecond),
      "by CPU": ratio(bare.cpu / figures.cpu),
    }),
  },
});

/** Lists and details over HTTP, quiet and while products change, against servers that return the same bytes. */
export async function catalogue(full: FullStore, seconds: number): Promise<Group> {
  const random = seeded(1);
  const rows: Row[] = [];
  const add = (row: Row) => {
    printRow(row);
    rows.push(row);
  };
  const { url, process: server } = full.store;
  for (const [what, paths] of [
    ["list", await listPaths(full, random)],
    ["detail", detailPaths(full, random)],
  ] as const) {
    const bodies = await bodiesOf(url, paths);
    const bare: Measured[] = [];
    for (const kind of ["node:http", "moleculer-web"] as const) {
      const { url: address, child } = await serveBare({ kind, bodies });
      const figures = await measure(address, child.pid, paths, seconds);
      child.kill();
      bare.push(figures);
      add(rowOf(`${what}: bare ${kind}, the same bytes`, figures));
    }
    const moleculer = bare[1];
    add(rowOf(what, await measure(url, server.pid, paths, seconds), moleculer));
    const stop = keepWriting(full);
    const busy = await measure(url, server.pid, paths, seconds);
    const perS = (await stop()) / (seconds + 2);
    add(rowOf(`${what}, ${perS.toFixed(0)} products changed each second`, busy, moleculer));
  }
  return {
    title: "Catalogue",
    about: `${full.products.length.toLocaleString("en")} generated products; ${PATHS} lists of ${PAGE} with random filters, sorts and pages, and ${PATHS} random products, ${CONNECTIONS} connections (autocannon).`,
    rows,
  };
}
