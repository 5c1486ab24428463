import { randomBytes } from "node:crypto";
import { Client, type Answer } from "../../scripts/lib/client.ts";

export interface Load {
  /** Stops and waits for every answer. */
  stop(): Promise<Report>;
  readonly requests: number;
  /** So far. */
  readonly failed: readonly string[];
}

export interface Report {
  orders: number;
  requests: number;
  /** Requests that were answered by 5xx or not at all. */
  failed: string[];
  /** Milliseconds of the slowest answer. */
  slowest: number;
  /** Milliseconds without any success, by kind of request. */
  gaps: Record<string, number>;
}

const address = {
  name: "Ada",
  line1: "12 St James's Square",
  city: "London",
  postalCode: "SW1Y 4JH",
  country: "GB",
};

/** An order by lines, paid by a card that is always good. */
export const orderOf = (sku: string, quantity = 1) => ({
  lines: [{ sku, quantity }],
  currency: "GBP",
  email: "ada@example.com",
  shippingAddress: address,
  shippingMethod: "standard",
  payment: { provider: "test", token: "tok_visa" },
});

export const freshKey = (): Record<string, string> => ({
  "idempotency-key": randomBytes(18).toString("base64url"),
});

export interface LoadOptions {
  clients?: number;
  /** Lists that are read before each order. */
  lists?: number;
  /** Headers of every request of the n-th client. */
  headersOf?: (client: number) => Record<string, string>;
  /** Carts are changed without a key: what a dying gateway has taken of that is lost, for nobody may send it again. */
  withoutKeys?: boolean;
}

/**
 * Reads lists, fills carts and places orders as the shop's pages do, each client one request after the other; nothing is
 * sent twice by the client.
 */
export function startLoad(
  url: string,
  skus: readonly string[],
  { clients = 6, lists = 1, headersOf = () => ({}), withoutKeys = false }: LoadOptions = {},
): Load {
  const client = new Client(url);
  const report: Report = { orders: 0, requests: 0, failed: [], slowest: 0, gaps: {} };
  const last = new Map<string, number>();
  let open = true;
  const note = (kind: string, answer: Answer | Error) => {
    report.requests++;
    const now = performance.now();
    if (answer instanceof Error || answer.status >= 500) {
      report.failed.push(
        `${kind}: ${answer instanceof Error ? answer.message : JSON.stringify(answer.body)}`,
      );
      return;
    }
    report.slowest = Math.max(report.slowest, answer.ms);
    report.gaps[kind] = Math.max(report.gaps[kind] ?? 0, now - (last.get(kind) ?? now));
    last.set(kind, now);
  };
  const send = async (kind: string, asked: Parameters<Client["send"]>[0]) => {
    const answer = await client.send(asked).catch((error: unknown) => error as Error);
    note(kind, answer);
    return answer;
  };
  const change = (own: Record<string, string>) => ({ ...own, ...(withoutKeys ? {} : freshKey()) });
  const fillCart = async (sku: string, own: Record<string, string>) => {
    const made = await send("cart", { method: "POST", path: "/carts", body: {}, headers: change(own) });
    if (made instanceof Error || made.status !== 201) return;
    const { id, secret } = made.body as { id: string; secret: string };
    const path = `/carts/${id}/lines`;
    const headers = { ...change(own), "x-cart-secret": secret };
    await send("line", { method: "POST", path, body: { sku, quantity: 1 }, headers });
  };
  const shopper = async (n: number) => {
    const own = headersOf(n);
    for (let turn = n; open; turn++) {
      for (let look = 0; look < lists; look++)
        await send("list", { path: "/products?limit=10", headers: own });
      const sku = skus[turn % skus.length] as string;
      if (turn % 4 === 0) await fillCart(sku, own);
      const body = orderOf(sku);
      const answer = await send("order", {
        method: "POST",
        path: "/orders",
        body,
        headers: { ...own, ...freshKey() },
      });
      if (!(answer instanceof Error) && answer.status === 201) report.orders++;
    }
  };
  const all = Array.from({ length: clients }, (_, n) => shopper(n));
  return {
    get requests() {
      return report.requests;
    },
    get failed() {
      return report.failed;
    },
    async stop() {
      open = false;
      await Promise.all(all);
      client.close();
      return report;
    },
  };
}
