import { monitorEventLoopDelay } from "node:perf_hooks";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBroker, type ServiceSchema } from "moleculer";
import { brokerOptions, loadConfig } from "../moleculer.config.ts";
import { createServices } from "../scripts/load-services.ts";

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
  SERVICES: services,
  PORT: port,
  DATA_DIR: dataDir,
  RATE_LIMITS: "off",
  LOGLEVEL: "off",
  CHECK_ANSWERS: "off",
  ADMIN_PASSWORD: "correct horse battery",
});
const broker = new ServiceBroker(brokerOptions(config));
await createServices(broker, services.split(","));
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
if (services.includes("gateway"))
  broker.createService({ name: "users", actions: { authenticate: () => null } });

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
  return {
    ...status,
    rss: process.memoryUsage().rss,
    memory: process.memoryUsage(),
    cpu: process.cpuUsage().user / 1000,
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
