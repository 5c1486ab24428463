import { randomBytes } from "node:crypto";
import { between, pick, type Random } from "../../bench/random.ts";
import type { Order } from "../../services/orders/orders.shapes.ts";
import { digest, type HistoryEntry, type HistoryWriter } from "../history.ts";
import type { Answer } from "../lib/client.ts";
import { ask, type Asking } from "./ask.ts";

export type PlacedOrder = Order & { secret?: string };

export interface Shopping extends Asking {
  history: HistoryWriter;
  random: Random;
  skus: readonly string[];
  /** A coupon with fewer uses than shoppers would like. */
  coupon?: string;
  /** What was counted so far, by word. */
  counts: Map<string, number>;
  /** Headers of a member of staff who packs and ships. */
  staff(): Promise<Record<string, string>>;
}

export const tally = ({ counts }: Pick<Shopping, "counts">, word: string): void =>
  void counts.set(word, (counts.get(word) ?? 0) + 1);

/** Mostly good cards; each of the others has its own way to fail. */
const cards = [
  ...Array.from({ length: 16 }, () => "tok_visa"),
  "tok_declined",
  "tok_timeout_after_charge",
  "tok_error_once",
  "tok_webhook_twice",
];

const address = {
  name: "Ada Lovelace",
  line1: "12 St James's Square",
  city: "London",
  postalCode: "SW1Y 4JH",
  country: "GB",
};

const freshKey = (): string => randomBytes(18).toString("base64url");
const orderOf = ({ id, total, lines }: PlacedOrder): NonNullable<HistoryEntry["order"]> => ({
  id,
  total: total.amount,
  lines: lines.map(({ sku, quantity }) => ({ sku, quantity })),
});

type Basket =
  { lines: { sku: string; quantity: number }[]; currency: string; couponCode?: string } | { cartId: string };

function linesOf({ random, skus }: Shopping): { sku: string; quantity: number }[] {
  return Array.from({ length: between(random, 1, 3) }, () => ({
    sku: pick(random, skus),
    quantity: between(random, 1, 3),
  }));
}

const couponOf = ({ random, coupon }: Shopping): { couponCode?: string } =>
  coupon !== undefined && random() < 0.2 ? { couponCode: coupon } : {};

/** A guest's cart with lines; undefined when a line is refused (sold out). */
async function fillCart(
  shopping: Shopping,
  shopper: string,
): Promise<{ basket: Basket; headers: Record<string, string> } | undefined> {
  const made = await ask<{ id: string; secret: string }>(shopping, {
    method: "POST",
    path: "/carts",
    body: { currency: "GBP" },
  });
  if (made.status !== 201) throw new Error(`POST /carts: ${made.status} ${JSON.stringify(made.body)}`);
  const headers = { "x-cart-secret": made.body.secret };
  for (const body of linesOf(shopping)) {
    const path = `/carts/${made.body.id}/lines`;
    const { status } = await ask(shopping, { method: "POST", path, body, headers });
    // A cart that was acknowledged and is not there any more is a lost write of its own writer.
    if (status === 404) noteRead(shopping, shopper, { status });
    if (status !== 201) return undefined;
  }
  return { basket: { cartId: made.body.id }, headers };
}

function noteRead(
  { history }: Shopping,
  client: string,
  entry: Pick<HistoryEntry, "status" | "owner" | "gotOwner">,
): void {
  history.add({ client, op: "read", at: new Date().toISOString(), ...entry });
}

/** Places one order, asking under the same key until it is answered; each sending stands in the history. */
async function place(
  shopping: Shopping,
  shopper: string,
  body: Record<string, unknown>,
  headers: Record<string, string>,
): Promise<Answer<PlacedOrder>> {
  const key = headers["idempotency-key"] as string;
  const note = (answer?: Answer<PlacedOrder>, final = false) => {
    shopping.history.add({
      client: shopper,
      op: "place",
      at: new Date().toISOString(),
      key: `${shopper}:${key}`,
      sent: digest(body),
      ...(answer && { status: answer.status }),
      ...(answer && final && { answer: digest(answer.body) }),
      ...(answer?.status === 201 && { order: orderOf(answer.body) }),
    });
  };
  const lost = (answer?: Answer<PlacedOrder>) => {
    tally(shopping, "sent again");
    note(answer);
  };
  const answer = await ask(shopping, { method: "POST", path: "/orders", body, headers }, lost);
  note(answer, true);
  tally(shopping, answer.status === 201 ? "orders" : "refused");
  return answer;
}

async function readOwn(shopping: Shopping, shopper: string, email: string, order: PlacedOrder) {
  const headers = { "x-order-secret": order.secret ?? "" };
  const { status, body } = await ask<Order>(shopping, { path: `/orders/${order.id}`, headers });
  noteRead(shopping, shopper, { status, owner: email, ...(status === 200 && { gotOwner: body.email }) });
}

/** What happens to some orders later: cancelled by the guest, or packed, shipped and refunded in part by staff. */
async function goOn(shopping: Shopping, order: PlacedOrder): Promise<void> {
  const luck = shopping.random();
  const post = async (path: string, body: unknown, headers: Record<string, string>) => {
    const asked = { method: "POST" as const, path, body };
    const { status } = await ask(shopping, {
      ...asked,
      headers: { ...headers, "idempotency-key": freshKey() },
    });
    if (status === 200) tally(shopping, path.split("/").at(-1) as string);
  };
  if (luck < 0.1) await post(`/orders/${order.id}/cancel`, {}, { "x-order-secret": order.secret ?? "" });
  if (luck < 0.8) return;
  const staff = await shopping.staff();
  await post(`/admin/orders/${order.id}/pack`, {}, staff);
  await post(`/admin/orders/${order.id}/ship`, {}, staff);
  if (luck < 0.95) return;
  const amount = { amount: Math.ceil(order.total.amount / 3), currency: "GBP" };
  await post(`/admin/orders/${order.id}/refund`, { amount, reason: "damaged" }, staff);
}

/** One visit: a basket, an order (some press twice, or come back to an old page), what comes of it. */
export async function shopOnce(shopping: Shopping, shopper: string, n: number): Promise<void> {
  const { random } = shopping;
  const byCart = random() < 0.5;
  const filled = byCart
    ? await fillCart(shopping, shopper)
    : { basket: { lines: linesOf(shopping), currency: "GBP", ...couponOf(shopping) }, headers: {} };
  if (!filled) return;
  const email = `${shopper}-${n}@example.com`;
  const body = {
    ...filled.basket,
    email,
    shippingAddress: address,
    shippingMethod: "standard",
    payment: { provider: "test", token: pick(random, cards) },
  };
  const headers = { ...filled.headers, "idempotency-key": freshKey() };
  const press = () => place(shopping, shopper, body, headers);
  const [{ status, body: order }] = await Promise.all(random() < 0.1 ? [press(), press()] : [press()]);
  if (random() < 0.1) await place(shopping, shopper, body, headers);
  if (random() < 0.05) await place(shopping, shopper, { ...body, email: "x@example.com" }, headers);
  if (status !== 201) return;
  await readOwn(shopping, shopper, email, order);
  await goOn(shopping, order);
}
