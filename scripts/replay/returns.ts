import type { Order, Return } from "../../services/orders/orders.shapes.ts";
import type { Client } from "../lib/client.ts";
import type { Invoice } from "./invoices.ts";
import type { Placed } from "./place.ts";

export interface Returned {
  /** Units that came back, by SKU. */
  units: Map<string, number>;
  /** Pence that went back. */
  refunded: number;
  orders: number;
  /** Cancelled lines that match no order of the files. */
  unmatched: number;
}

interface Match {
  placed: Placed;
  lines: Map<string, number>;
}

/** Units of each order that may still come back. */
class Left {
  readonly #left = new Map<string, Map<string, number>>();

  of(placed: Placed): Map<string, number> {
    const known = this.#left.get(placed.order.id);
    if (known) return known;
    const fresh = new Map(placed.order.lines.map((line) => [line.sku, line.quantity]));
    this.#left.set(placed.order.id, fresh);
    return fresh;
  }
}

/** A cancellation takes back from the customer's own earlier orders, the latest first. */
function match(
  cancellation: Invoice,
  orders: readonly Placed[],
  left: Left,
): { matches: Match[]; unmatched: number } {
  const matches = new Map<string, Match>();
  let unmatched = 0;
  for (const { sku, quantity } of cancellation.lines) {
    let open = quantity;
    for (const placed of orders) {
      const units = left.of(placed);
      const take = Math.min(open, units.get(sku) ?? 0);
      if (take === 0) continue;
      units.set(sku, (units.get(sku) ?? 0) - take);
      const found = matches.get(placed.order.id) ?? { placed, lines: new Map<string, number>() };
      matches.set(placed.order.id, found);
      found.lines.set(sku, (found.lines.get(sku) ?? 0) + take);
      open -= take;
    }
    if (open > 0) unmatched += 1;
  }
  return { matches: [...matches.values()], unmatched };
}

async function sendBack(
  client: Client,
  admin: Record<string, string>,
  { placed, lines }: Match,
  key: string,
): Promise<void> {
  const { id } = placed.order;
  const keyed = (step: string) => ({ ...admin, "idempotency-key": `${key}-${step}-${id}` });
  const order = await client.expect<Order>(200, { path: `/admin/orders/${id}`, headers: admin });
  if (order.status === "confirmed")
    await client.expect(200, {
      method: "POST",
      path: `/admin/orders/${id}/ship`,
      body: {},
      headers: keyed("ship"),
    });
  const body = {
    lines: [...lines].map(([sku, quantity]) => ({ sku, quantity })),
    reason: "Cancelled by the customer",
  };
  const headers: Record<string, string> = placed.shopper?.headers ?? {
    "x-order-secret": placed.order.secret ?? "",
  };
  const asked = await client.expect<Return>(201, {
    method: "POST",
    path: `/orders/${id}/returns`,
    body,
    headers,
  });
  for (const step of ["approve", "receive"])
    await client.expect(200, {
      method: "POST",
      path: `/admin/returns/${asked.id}/${step}`,
      headers: keyed(`${step}-${asked.id}`),
    });
}

/** Turns the cancellations into returns, where their lines match an order. */
export async function returnAll(
  client: Client,
  admin: Record<string, string>,
  work: { cancellations: readonly Invoice[]; placed: readonly Placed[]; run: string },
  progress: () => void,
): Promise<Returned> {
  const left = new Left();
  const units = new Map<string, number>();
  const orders = new Set<string>();
  let unmatched = 0;
  for (const cancellation of work.cancellations) {
    const own = work.placed
      .filter(
        ({ invoice }) =>
          invoice.customer !== undefined &&
          invoice.customer === cancellation.customer &&
          invoice.at <= cancellation.at,
      )
      .sort((a, b) => (a.invoice.at < b.invoice.at ? 1 : -1));
    const matched = match(cancellation, own, left);
    unmatched += matched.unmatched;
    for (const one of matched.matches) {
      await sendBack(client, admin, one, `${work.run}-${cancellation.number}`);
      orders.add(one.placed.order.id);
      for (const [sku, quantity] of one.lines) units.set(sku, (units.get(sku) ?? 0) + quantity);
    }
    progress();
  }
  const refunded = await sumOf(client, admin, orders);
  return { units, refunded, orders: orders.size, unmatched };
}

async function sumOf(
  client: Client,
  admin: Record<string, string>,
  orders: Iterable<string>,
): Promise<number> {
  let sum = 0;
  for (const id of orders)
    sum += (await client.expect<Order>(200, { path: `/admin/orders/${id}`, headers: admin })).payment.refunded
      .amount;
  return sum;
}
