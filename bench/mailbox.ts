import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { ServiceBroker, type ServiceSchema } from "moleculer";
import { setContext, systemClock, type Config } from "../mixins/context.ts";
import { openSqlite } from "../mixins/sqlite-dialect.ts";
import { sqlStore } from "../mixins/sql-store.ts";
import type { BatchWork, SqlActor, Table } from "../mixins/sql.types.ts";

/**
 * Durable writes a second through one mailbox: an order's rows in six tables, of which two are the event and its delivery.
 * `node bench/mailbox.ts [--url postgres://...] [--callers 32] [--seconds 3]`; without a URL on SQLite in a temporary folder.
 */
const { values } = parseArgs({
  options: {
    url: { type: "string" },
    callers: { type: "string", default: "32" },
    seconds: { type: "string", default: "3" },
    mode: { type: "string", default: "batch" },
    lines: { type: "string", default: "1" },
  },
});
const callers = Number(values.callers);
const seconds = Number(values.seconds);
const perOrder = Number(values.lines);

const keys: Table = { caller: "text", key: "text", fingerprint: "text", at: "text" };
const orders: Table = {
  id: "text",
  number: "bigint",
  status: "text",
  total: "bigint",
  body: "text",
  at: "text",
};
const lines: Table = { order_id: "text", sku: "text", quantity: "bigint", price: "bigint" };
const sagas: Table = { order_id: "text", step: "text", version: "bigint", due: "bigint" };
const tables = { orders, keys, lines, sagas };
const create = ([name, columns]: [string, Table], key: string) =>
  `create table ${name} (${Object.entries(columns)
    .map(([column, type]) => `${column} ${type} not null`)
    .join(", ")}, primary key (${key}))`;
const primary: Record<string, string> = {
  orders: "id",
  keys: "caller, key",
  lines: "order_id, sku",
  sagas: "order_id",
};
const migrations = [
  {
    name: "001.bench",
    up: Object.entries(tables).map((table) => create(table, primary[table[0]] ?? "id")),
    down: [],
  },
];

interface Order {
  id: string;
  n: number;
}
const address = JSON.stringify({
  name: "A",
  line1: "1 Road",
  city: "York",
  postalCode: "YO1 1AA",
  country: "GB",
});

const place: BatchWork<Order, string> = async (tx, items) => {
  const at = new Date().toISOString();
  const total = 1999;
  await tx.insert(
    "keys",
    keys,
    items.map(({ id, n }) => ({ caller: "guest", key: `${id}-${n}`, fingerprint: id, at })),
  );
  await tx.insert(
    "orders",
    orders,
    items.map(({ id, n }) => ({ id, number: n, status: "pending", total, body: address, at })),
  );
  await tx.insert(
    "lines",
    lines,
    items.flatMap(({ id }) =>
      Array.from({ length: perOrder }, (_, i) => ({
        order_id: id,
        sku: `SKU-${i}`,
        quantity: 1,
        price: total,
      })),
    ),
  );
  await tx.insert(
    "sagas",
    sagas,
    items.map(({ id }) => ({ order_id: id, step: "reserve", version: 1, due: 0 })),
  );
  for (const { id } of items) {
    tx.publish("bench.placed" as never, { entity: id, version: 1 }, { id, total, at } as never);
  }
  return items.map(({ id }) => ({ ok: id }));
};

interface Bench extends SqlActor {
  place(order: Order): Promise<string>;
  mailbox: { stats: { commits: number; jobs: number } };
}

const percentile = (sorted: readonly number[], p: number) =>
  (sorted[Math.floor(sorted.length * p)] ?? 0).toFixed(2);

async function run(dataDir: string): Promise<void> {
  const broker = new ServiceBroker({ logger: false, validator: false });
  const databaseUrls = { bench: values.url };
  setContext(
    broker,
    { dataDir, databaseUrls, appSecret: "", production: false } as unknown as Config,
    systemClock,
  );
  const store = sqlStore({ tables, migrations, subscribers: () => ["nobody"] });
  broker.createService({ name: "bench", mixins: [store] } as unknown as ServiceSchema);
  const service = broker.getLocalService("bench") as unknown as Bench;
  await broker.start();
  const batch = service.store.batch("place", place);
  const single = (order: Order) =>
    service.store.write(async (tx) => {
      const [outcome] = await place(tx, [order]);
      return outcome;
    });
  const send = values.mode === "batch" ? batch : single;
  let n = Date.now();
  const times: number[] = [];
  const drive = async (end: number, record: boolean) => {
    while (performance.now() < end) {
      const start = performance.now();
      await send({ id: service.newId(), n: n++ });
      if (record) times.push(performance.now() - start);
    }
  };
  const all = (ms: number, record: boolean) =>
    Promise.all(Array.from({ length: callers }, () => drive(performance.now() + ms, record)));
  await all(700, false);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cpu = process.cpuUsage();
  const before = { ...service.mailbox.stats };
  const start = performance.now();
  await all(seconds * 1000, true);
  const elapsed = (performance.now() - start) / 1000;
  const used = process.cpuUsage(cpu);
  const commits = service.mailbox.stats.commits - before.commits;
  times.sort((a, b) => a - b);
  console.log(
    [
      `${values.url === undefined ? "sqlite" : "postgres"} ${values.mode}, ${callers} callers, ${perOrder} lines: ${Math.round(times.length / elapsed)} writes/s`,
      `p50 ${percentile(times, 0.5)} ms, p99 ${percentile(times, 0.99)} ms, ${(times.length / commits).toFixed(1)} a commit`,
      `CPU ${((used.user + used.system) / 1000 / times.length).toFixed(3)} ms a write, loop delay p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms`,
    ].join("; "),
  );
  await broker.stop();
}

/** What one commit on disk holds the event loop up for. */
function commitCost(dataDir: string): void {
  const db = openSqlite(join(dataDir, "commit.sqlite"));
  db.exec("create table t (a text)");
  const [begin, insert, commit] = ["begin immediate", "insert into t values (?)", "commit"].map((text) =>
    db.prepare(text),
  );
  const times: number[] = [];
  for (let i = 0; i < 1000; i++) {
    begin?.run();
    insert?.run("x".repeat(8000));
    const start = performance.now();
    commit?.run();
    times.push(performance.now() - start);
  }
  db.close();
  times.sort((a, b) => a - b);
  console.log(`one commit of 8 kB: p50 ${percentile(times, 0.5)} ms, p99 ${percentile(times, 0.99)} ms`);
}

const dataDir = mkdtempSync(join(tmpdir(), "valence-bench-"));
try {
  if (values.url === undefined) commitCost(dataDir);
  await run(dataDir);
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}
