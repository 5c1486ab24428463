import type { Order } from "../../services/orders/orders.shapes.ts";
import { digest, type HistoryWriter } from "../history.ts";
import type { Answer, Client } from "../lib/client.ts";
import { countryOf } from "./countries.ts";
import type { Invoice } from "./invoices.ts";
import { signInAgain, type Shopper } from "./shoppers.ts";

export interface Placed {
  invoice: Invoice;
  order: Order & { secret?: string };
  shopper: Shopper | undefined;
}

export interface PlaceRun {
  client: Client;
  shoppers: Map<string, Shopper>;
  history: HistoryWriter;
  /** Marks the idempotency keys of this run. */
  run: string;
}

const bodyOf = ({ invoice, shopper }: { invoice: Invoice; shopper: Shopper | undefined }) => ({
  lines: invoice.lines,
  currency: "GBP",
  email: shopper?.email ?? "guest@example.com",
  shippingAddress: {
    name: `Invoice ${invoice.number}`,
    line1: "1 High Street",
    city: "Town",
    postalCode: "AB1 2CD",
    country: countryOf(invoice.country),
  },
  shippingMethod: "standard",
  payment: { provider: "test", token: "tok_visa" },
});

function note(
  { history }: PlaceRun,
  client: string,
  key: string,
  body: unknown,
  answer: Answer<Order>,
): void {
  const { id, total, lines } = answer.body;
  history.add({
    client,
    op: "place",
    at: new Date().toISOString(),
    key: `${client}:${key}`,
    sent: digest(body),
    status: answer.status,
    answer: digest(answer.body),
    ...(answer.status === 201
      ? { order: { id, total: total.amount, lines: lines.map(({ sku, quantity }) => ({ sku, quantity })) } }
      : {}),
  });
}

/** Places one invoice as one order. @throws when it is not confirmed */
export async function placeInvoice(run: PlaceRun, invoice: Invoice): Promise<{ placed: Placed; ms: number }> {
  const shopper = invoice.customer === undefined ? undefined : run.shoppers.get(invoice.customer);
  const body = bodyOf({ invoice, shopper });
  const key = `${run.run}-invoice-${invoice.number}`;
  const send = () =>
    run.client.send<Order & { secret?: string }>({
      method: "POST",
      path: "/orders",
      body,
      headers: { ...shopper?.headers, "idempotency-key": key },
    });
  let answer = await send();
  if (answer.status === 401 && shopper) {
    await signInAgain(run.client, shopper);
    answer = await send();
  }
  if (answer.status === 201) note(run, shopper?.email ?? "guest", key, body, answer);
  if (answer.status !== 201 || answer.body.status !== "confirmed")
    throw new Error(
      `Invoice ${invoice.number}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 400)}`,
    );
  return { placed: { invoice, order: answer.body, shopper }, ms: answer.ms };
}

/** Places all invoices in the order of time, `shoppers` of them at once. */
export async function placeAll(
  run: PlaceRun,
  invoices: readonly Invoice[],
  shoppers: number,
  progress: () => void,
): Promise<{ placed: Placed[]; times: number[] }> {
  const waiting = [...invoices].reverse();
  const placed: Placed[] = [];
  const times: number[] = [];
  const work = async () => {
    for (let invoice = waiting.pop(); invoice; invoice = waiting.pop()) {
      const done = await placeInvoice(run, invoice);
      placed.push(done.placed);
      times.push(done.ms);
      progress();
    }
  };
  await Promise.all(Array.from({ length: shoppers }, work));
  return { placed, times };
}
