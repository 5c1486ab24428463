/** One side of a remote call, in a process of its own: `fork`ed with a `PeerOrder`; a caller answers a `CallFigures`. */
import process from "node:process";
import { ServiceBroker, type BrokerOptions, type ServiceSchema } from "moleculer";
import { connect } from "nats";
import { connectionOptions } from "../config/nats.ts";
import { brokerOptions, loadConfig } from "../moleculer.config.ts";
import { percentile } from "../scripts/lib/percentile.ts";

/** `nats`: request and reply without a framework; `moleculer`: its defaults; `store`: the preset of every node. */
export type PeerKind = "nats" | "moleculer" | "store";

export interface PeerOrder {
  kind: PeerKind;
  role: "answers" | "calls";
  url: string;
  /** Milliseconds. */
  duration: number;
  concurrency: number;
}

export interface CallFigures {
  perSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
}

/** What goes there and comes back: about as much as a line of a cart. */
const payload = {
  id: "0198c0de-0000-7000-8000-0000000000c1",
  lines: [
    { sku: "PAN-28", quantity: 2, name: "Frying pan, 28 cm", unitPrice: { amount: 3499, currency: "GBP" } },
  ],
};
const SUBJECT = "bench.echo";

interface Echo {
  call(): Promise<unknown>;
}

const service = {
  name: "bench",
  actions: { echo: { idempotent: "read", handler: (ctx: { params: unknown }) => ctx.params } },
} as unknown as ServiceSchema;

function optionsOf({ kind, role, url }: PeerOrder): BrokerOptions {
  const nodeID = `bench.${kind}.${role}`;
  if (kind === "moleculer") {
    const transporter = { type: "NATS", options: connectionOptions(url) };
    return { namespace: kind, nodeID, transporter, logger: false } as BrokerOptions;
  }
  const names = { NAMESPACE: kind, NODEID: nodeID, SERVICES: "bench", TRANSPORTER: url, LOGLEVEL: "off" };
  return { ...brokerOptions({ ...loadConfig(names), services: [] }), skipProcessEventRegistration: true };
}

async function overMoleculer(order: PeerOrder): Promise<Echo> {
  const broker = new ServiceBroker(optionsOf(order));
  if (order.role === "answers") broker.createService(service);
  await broker.start();
  if (order.role === "calls") await broker.waitForServices("bench", 20_000);
  return { call: () => broker.call("bench.echo", payload) };
}

async function overNats({ url, role }: PeerOrder): Promise<Echo> {
  const connection = await connect(connectionOptions(url));
  const toBytes = (value: unknown) => Buffer.from(JSON.stringify(value));
  if (role === "answers")
    connection.subscribe(SUBJECT, {
      callback: (_error, message) => void message.respond(toBytes(message.json())),
    });
  return {
    call: async () => (await connection.request(SUBJECT, toBytes(payload), { timeout: 10_000 })).json(),
  };
}

async function measure(echo: Echo, concurrency: number, duration: number): Promise<CallFigures> {
  const times: number[] = [];
  const until = performance.now() + duration;
  const line = async () => {
    for (let now = performance.now(); now < until;) {
      await echo.call();
      const after = performance.now();
      times.push(after - now);
      now = after;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, line));
  times.sort((a, b) => a - b);
  return {
    perSecond: (times.length * 1000) / duration,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
  };
}

process.once("message", (order: PeerOrder) => {
  void (async () => {
    const echo = await (order.kind === "nats" ? overNats(order) : overMoleculer(order));
    process.send?.("ready");
    if (order.role === "answers") return;
    await measure(echo, order.concurrency, 1500);
    process.send?.(await measure(echo, order.concurrency, order.duration), () => process.exit(0));
  })();
});
