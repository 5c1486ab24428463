import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "../lib/client.ts";

interface Variant {
  sku: string;
  available: number;
}

const details = {
  currency: "GBP",
  email: "guest@example.com",
  shippingAddress: { name: "Ada", line1: "1 High Street", city: "London", postalCode: "N1", country: "GB" },
  shippingMethod: "standard",
};

/** Orders one unit; answers the status, 0 for none. */
export async function order(client: Client, sku: string, token = "tok_visa"): Promise<number> {
  const answer = await client
    .send({
      method: "POST",
      path: "/orders",
      headers: { "idempotency-key": randomBytes(18).toString("base64url") },
      body: { ...details, lines: [{ sku, quantity: 1 }], payment: { provider: "test", token } },
    })
    .catch(() => undefined);
  return answer?.status ?? 0;
}

/** A thing with plenty in stock. */
export async function findSku(client: Client): Promise<string> {
  for (const until = performance.now() + 60_000; performance.now() < until; await delay(200)) {
    const { body } = await client.send<{ data?: { variants: Variant[] }[] }>({
      path: "/products?inStock=true&currency=GBP&limit=50",
    });
    const all = (body.data ?? []).flatMap(({ variants }) => variants);
    const best = all.sort((a, b) => b.available - a.available)[0];
    if (best !== undefined && best.available > 20) return best.sku;
  }
  throw new Error("No product came into the catalogue.");
}

/** So many that no shopper of a drill is told that it is sold out. */
export async function restock(client: Client, sku: string, staff: Record<string, string>): Promise<void> {
  await client.expect(201, {
    method: "POST",
    path: `/admin/inventory/${sku}/movements`,
    headers: { ...staff, "idempotency-key": randomBytes(18).toString("base64url") },
    body: { kind: "receive", quantity: 1_000_000, reason: "Stock for the drill" },
  });
}

/** A quiet day: an order, a search and a cart each second until it is stopped. */
export function quietDay(client: Client, sku: string): { stop(): Promise<void> } {
  const end = new AbortController();
  const run = async (): Promise<void> => {
    while (!end.signal.aborted) {
      await Promise.all([
        order(client, sku),
        client.send({ path: "/products?q=pan&currency=GBP" }).catch(() => undefined),
        client.send({ method: "POST", path: "/carts", body: {} }).catch(() => undefined),
      ]);
      await delay(1000, undefined, { signal: end.signal }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    async stop() {
      end.abort();
      await running;
    },
  };
}

/** Does something over and over, several at once, until it is stopped. */
export function again(atOnce: number, work: () => Promise<unknown>, pause = 0): () => Promise<void> {
  let on = true;
  const one = async (): Promise<void> => {
    while (on) {
      await work().catch(() => undefined);
      await delay(pause);
    }
  };
  const all = Array.from({ length: atOnce }, one);
  return async () => {
    on = false;
    await Promise.all(all);
  };
}
