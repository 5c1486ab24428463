import { monitorEventLoopDelay } from "node:perf_hooks";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBroker, type ServiceSchema } from "moleculer";
import ApiGateway from "moleculer-web";
import { brokerOptions, loadConfig } from "../moleculer.config.ts";
import { createServices } from "../scripts/load-services.ts";
import { generateProducts } from "./generator.ts";

/**
 * The search actor alone in a process (with the gateway, when asked), its sources played by the parent over IPC.
 * node bench/search-node.ts <services> <port>
 */
const [services = "search", port = "0"] = process.argv.slice(2);

export type Order =
  | { do: "ask"; queries: Record<string, unknown>[] }
  | { do: "status" }
  | { do: "touch"; ids: string[] }
  | { do: "stop" };

const waiting = new Map<number, (answer: unknown) => void>();
let calls = 0;
const askParent = (action: string, params: unknown): Promise<unknown> =>
  new Promise((resolve) => {
    waiting.set(++calls, resolve);
    process.send?.({ call: calls, action, params });
  });

const dataDir = mkdtempSync(join(tmpdir(), "valence-bench-"));
const config = loadConfig({
  ...(services !== "bare" && { SERVICES: services }),
  PORT: port,
  DATA_DIR: dataDir,
  RATE_LIMITS: "off",
  LOGLEVEL: "off",
  CHECK_ANSWERS: "off",
  ADMIN_PASSWORD: "correct horse battery",
});
const broker = new ServiceBroker(brokerOptions(config));
if (services === "bare") serveBare();
else await createServices(broker, services.split(","));
const relayed = (action: string, timeout = 60_000) => ({
  timeout,
  handler: (ctx: { params: unknown }) => askParent(action, ctx.params),
});
const standIns: ServiceSchema[] = [
  {
    name: "products",
    actions: { changes: relayed("products.changes"), categories: relayed("products.categories") },
  },
  { name: "inventory", actions: { changes: relayed("inventory.changes") } },
];
for (const schema of standIns) broker.createService(schema);

/** moleculer-web as it comes, in front of a list of twenty products that is always the same. */
function serveBare(): void {
  const cards = Array.from(generateProducts({ seed: 7, count: 20 }), ({ variants, ...product }, n) => ({
    ...product,
    id: `018f0000-0000-7000-8000-${String(n).padStart(12, "0")}`,
    variants: variants.map(({ prices, stock, ...variant }) => ({
      ...variant,
      price: prices[0],
      available: stock,
    })),
    rating: { average: 4, count: 12 },
    createdAt: "2026-01-01T00:00:00.000Z",
    updatedAt: "2026-01-01T00:00:00.000Z",
    version: 1,
  }));
  const list = { data: cards, page: { next: "abc" }, total: 1000 };
  broker.createService({
    name: "search",
    actions: { products: () => list, status: () => ({ ready: true }) },
  });
  broker.createService({
    name: "api",
    mixins: [ApiGateway as unknown as ServiceSchema],
    settings: {
      port: Number(port),
      ip: "127.0.0.1",
      routes: [{ path: "/api/v1", aliases: { "GET /products": "search.products" } }],
    } as ServiceSchema["settings"],
  });
}

const delays = monitorEventLoopDelay({ resolution: 1 });

process.on("message", (message: { call?: number; answer?: unknown; order?: Order; id?: number }) => {
  if (message.call !== undefined) {
    waiting.get(message.call)?.(message.answer);
    waiting.delete(message.call);
  } else if (message.order)
    void obey(message.order).then((answer) => process.send?.({ id: message.id, answer }));
});

async function obey(order: Order): Promise<unknown> {
  if (order.do === "ask") return ask(order.queries);
  if (order.do === "touch") return broker.broadcast("products.touched", { ids: order.ids });
  if (order.do === "stop") {
    await broker.stop();
    rmSync(dataDir, { recursive: true, force: true });
    setImmediate(() => process.disconnect());
    return null;
  }
  const status: object = await broker.call("search.status", {});
  const { user, system } = process.cpuUsage();
  return {
    ...status,
    rss: process.memoryUsage().rss,
    cpu: (user + system) / 1000,
  };
}

/** Milliseconds of each query, and the longest that the event loop stood still. */
async function ask(queries: Record<string, unknown>[]) {
  const times: number[] = [];
  /** What the thread itself worked: other processes on the machine do not count. */
  const cpu: number[] = [];
  let found = 0;
  delays.enable();
  for (const params of queries) {
    const start = performance.now();
    const before = process.threadCpuUsage();
    const { total }: { total: number } = await broker.call("search.products", params);
    const { user, system } = process.threadCpuUsage(before);
    times.push(performance.now() - start);
    cpu.push((user + system) / 1000);
    if (total > 0) found++;
    await new Promise((resolve) => setImmediate(resolve));
  }
  delays.disable();
  const stall = delays.max / 1e6;
  delays.reset();
  return { times, cpu, found, stall };
}

await broker.start();
process.send?.({ started: true });
