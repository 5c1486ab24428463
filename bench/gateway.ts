import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import autocannon from "autocannon";
import { ServiceBroker, type ServiceSchema } from "moleculer";
import ApiGateway from "moleculer-web";
import { startStore } from "../test/helpers/store.ts";
import { standIns } from "../test/helpers/stand-ins.ts";

/** What the gateway costs: requests a second through it and through bare moleculer-web, same answers, stub actions. */

const money = { amount: 1999, currency: "GBP" };
const product = (n: number) => ({
  id: `01a20948-9b54-7000-aad4-${String(n).padStart(12, "0")}`,
  slug: `product-${n}`,
  name: `Product number ${n}`,
  description:
    "A product that is described in a sentence or two, as most products of a shop are described. ".repeat(3),
  categories: ["kitchen", "home"],
  images: [{ url: `/pictures/product-${n}.svg`, alt: "A picture of the product" }],
  options: ["size"],
  variants: ["S", "M", "L"].map((size) => ({
    sku: `SKU-${n}-${size}`,
    name: size,
    options: { size },
    price: money,
    available: 10,
  })),
  rating: { average: 4.5, count: 12 },
  createdAt: "2026-01-01T00:00:00.000Z",
  updatedAt: "2026-01-01T00:00:00.000Z",
  version: 1,
});
const list = { data: Array.from({ length: 24 }, (_, n) => product(n)), page: { next: "abc" }, total: 1000 };
const one = product(1);
const paths = { list: "/api/v1/products?limit=24&category=kitchen", detail: "/api/v1/products/product-1" };

async function serveBare(): Promise<string> {
  const port = 41_000 + (process.pid % 10_000);
  const broker = new ServiceBroker({ logger: false });
  const routes = [{ path: "/api/v1", aliases: { "GET /products": "x.list", "GET /products/:id": "x.get" } }];
  broker.createService({ name: "x", actions: { list: () => list, get: () => one } });
  broker.createService({
    name: "api",
    mixins: [ApiGateway as unknown as ServiceSchema],
    settings: { port, ip: "127.0.0.1", routes } as ServiceSchema["settings"],
  });
  await broker.start();
  return `http://127.0.0.1:${port}`;
}

async function serveStore(): Promise<string> {
  const extra = standIns({ "search.products": () => list, "products.get": () => one });
  return (await startStore({ services: ["gateway"], extra, env: { CHECK_ANSWERS: "off" } })).url;
}

/** CPU microseconds that the server has used; on a shared machine it says more than the clock. */
async function cpuOf(child: ChildProcess): Promise<number> {
  child.send("cpu");
  const [used] = (await once(child, "message")) as [number];
  return used;
}

interface Figures {
  perSecond: number;
  cpu: number;
}

async function measure(kind: string, seconds: number): Promise<Record<string, Figures>> {
  const child: ChildProcess = fork(import.meta.filename, [kind]);
  const [url] = (await once(child, "message")) as [string];
  const figures: Record<string, Figures> = {};
  for (const [name, path] of Object.entries(paths)) {
    await autocannon({ url: url + path, connections: 16, duration: 2 });
    const before = await cpuOf(child);
    const { requests, non2xx } = await autocannon({ url: url + path, connections: 16, duration: seconds });
    if (non2xx > 0) throw new Error(`${kind}: ${non2xx} answers are not 2xx`);
    figures[name] = { perSecond: requests.average, cpu: ((await cpuOf(child)) - before) / requests.total };
  }
  child.kill();
  return figures;
}

async function serve(kind: "bare" | "store"): Promise<void> {
  const url = await (kind === "bare" ? serveBare() : serveStore());
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    process.send?.(user + system);
  });
  process.send?.(url);
}

async function compare(seconds: number): Promise<void> {
  const bare = await measure("bare", seconds);
  const store = await measure("store", seconds);
  for (const name of Object.keys(paths)) {
    const [a, b] = [bare[name] as Figures, store[name] as Figures];
    console.log(
      `${name}: bare ${a.perSecond.toFixed(0)}/s ${a.cpu.toFixed(0)} us CPU, store ${b.perSecond.toFixed(0)}/s ` +
        `${b.cpu.toFixed(0)} us CPU; throughput ratio ${(b.perSecond / a.perSecond).toFixed(2)}, by CPU ${(a.cpu / b.cpu).toFixed(2)}`,
    );
  }
}

const [argument] = process.argv.slice(2);
if (argument === "bare" || argument === "store") await serve(argument);
else for (let pass = 1; pass <= 2; pass++) await compare(Number(argument ?? 5));
