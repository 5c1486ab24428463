/** The shoppers of the checkout benchmark, in a process of their own: `fork`ed with a `CheckoutLoad`, answers a `CheckoutFigures`. */
import { randomBytes } from "node:crypto";
import process from "node:process";
import { percentile } from "../scripts/lib/percentile.ts";
import { LeanClient } from "./lean-client.ts";
import { pick, seeded, seedAt, type Random } from "./random.ts";

export interface CheckoutLoad {
  url: string;
  skus: string[];
  shoppers: number;
  /** Milliseconds; what was begun before is not counted. */
  warmUp: number;
  /** The warm-up goes on until the store gets no faster (`warm`). */
  steady?: boolean;
  /** Milliseconds. */
  duration: number;
  /** `cart`: a cart, a line and the order. A number: an order by so many lines. */
  kind: "cart" | number;
  seed: number;
}

export interface CheckoutFigures {
  orders: number;
  perSecond: number;
  /** Milliseconds of the whole checkout, and of the order alone. */
  p50: number;
  p99: number;
  orderP99: number;
}

const details = {
  email: "guest@example.com",
  shippingAddress: {
    name: "Ada Lovelace",
    line1: "12 St James's Square",
    city: "London",
    postalCode: "SW1Y 4JH",
    country: "GB",
  },
  shippingMethod: "standard",
  payment: { provider: "test", token: "tok_visa" },
};

async function post(client: LeanClient, path: string, body: unknown, headers = ""): Promise<string> {
  const answer = await client.send("POST", `/api/v1${path}`, JSON.stringify(body), headers);
  if (answer.status !== 201) throw new Error(`POST ${path}: ${answer.status} ${answer.body.slice(0, 300)}`);
  return answer.body;
}

async function byCart(client: LeanClient, sku: string, key: string): Promise<number> {
  const { id, secret } = JSON.parse(await post(client, "/carts", { currency: "GBP" })) as {
    id: string;
    secret: string;
  };
  const holder = `x-cart-secret: ${secret}\r\n`;
  await post(client, `/carts/${id}/lines`, { sku, quantity: 1 }, holder);
  const started = performance.now();
  await post(client, "/orders", { cartId: id, ...details }, holder + key);
  return performance.now() - started;
}

async function byLines(client: LeanClient, skus: readonly string[], key: string): Promise<number> {
  const lines = skus.map((sku) => ({ sku, quantity: 1 }));
  const started = performance.now();
  await post(client, "/orders", { lines, currency: "GBP", ...details }, key);
  return performance.now() - started;
}

interface Times {
  whole: number[];
  order: number[];
}

async function shop(load: CheckoutLoad, random: Random, until: number, times: Times): Promise<void> {
  const client = new LeanClient(new URL(load.url));
  const count = load.kind === "cart" ? 1 : load.kind;
  while (performance.now() < until) {
    const key = `idempotency-key: ${randomBytes(18).toString("base64url")}\r\n`;
    const skus = Array.from({ length: count }, () => pick(random, load.skus));
    const started = performance.now();
    const order = await (load.kind === "cart"
      ? byCart(client, skus[0] as string, key)
      : byLines(client, skus, key));
    times.whole.push(performance.now() - started);
    times.order.push(order);
  }
  client.close();
}

async function all(load: CheckoutLoad, duration: number, seed: number): Promise<Times> {
  const times: Times = { whole: [], order: [] };
  const until = performance.now() + duration;
  await Promise.all(
    Array.from({ length: load.shoppers }, (_, n) => shop(load, seeded(seedAt(seed, n)), until, times)),
  );
  return times;
}

const SLICE_MS = 3000;
const LONGEST_WARM_UP_MS = 60_000;

/**
 * The code of a checkout is compiled while it runs: over NATS at 8 shoppers an order takes a quarter less CPU after 25 s than
 * after 12. So the load goes on until two slices in a row bring nothing above the best before them.
 */
async function warm(load: CheckoutLoad): Promise<void> {
  await all(load, load.warmUp, load.seed);
  if (load.steady !== true) return;
  const until = performance.now() + LONGEST_WARM_UP_MS;
  let best = 0;
  for (let still = 0, n = 0; still < 2 && performance.now() < until; n++) {
    const { whole } = await all(load, SLICE_MS, load.seed + 1000 * (n + 1));
    still = whole.length > best * 1.02 ? 0 : still + 1;
    best = Math.max(best, whole.length);
  }
}

process.once("message", (load: CheckoutLoad) => {
  void (async () => {
    await warm(load);
    process.send?.("begun");
    const started = performance.now();
    const { whole, order } = await all(load, load.duration, load.seed + 1);
    const seconds = (performance.now() - started) / 1000;
    whole.sort((a, b) => a - b);
    order.sort((a, b) => a - b);
    const figures: CheckoutFigures = {
      orders: whole.length,
      perSecond: whole.length / seconds,
      p50: percentile(whole, 0.5),
      p99: percentile(whole, 0.99),
      orderP99: percentile(order, 0.99),
    };
    process.send?.(figures, () => process.exit(0));
  })();
});
