import { Readable } from "node:stream";
import type { Handler } from "../../contract/implement.ts";
import { callsOf, type OrdersActor } from "./orders.actor.ts";
import type contract from "./orders.contract.ts";
import { orderNotFound } from "./orders.errors.ts";
import { heldOrder } from "./orders.holder.ts";
import { loadOrder } from "./orders.model.ts";
import type { Order } from "./orders.shapes.ts";

/** Keeps proxies from closing a silent stream; milliseconds. */
const heartbeat = 15_000;

/** Tells live views on every node that an order changed; may be lost, they read the order again anyway. */
export const touch = (actor: OrdersActor, { id, version }: Pick<Order, "id" | "version">): void => {
  void callsOf(actor).broadcast("orders.touched", { id, version });
};

const message = (order: Order): string =>
  `event: order\nid: ${order.version}\ndata: ${JSON.stringify(order)}\n\n`;

/** One message with the whole order now, and one after each change, until it reaches its end or the reader leaves. */
export const stream: Handler<typeof contract, "stream", OrdersActor> = async function (ctx) {
  const { id } = ctx.params;
  const first = await heldOrder(this, ctx, id);
  const readers = this.watchers.get(id) ?? new Set();
  this.watchers.set(id, readers);
  const out = new Readable({ read: () => undefined });
  let sent = first.order.version;
  const send = async () => {
    const loaded = await loadOrder(this.store.read, id);
    if (!loaded) throw orderNotFound();
    if (loaded.order.version <= sent || out.destroyed) return;
    sent = loaded.order.version;
    out.push(message(loaded.order));
  };
  const wake = () => void send().catch((error: unknown) => out.destroy(error as Error));
  const beat = setInterval(() => {
    out.push(": still here\n\n");
    wake();
  }, heartbeat);
  readers.add(wake);
  out.once("close", () => {
    clearInterval(beat);
    readers.delete(wake);
    if (readers.size === 0) this.watchers.delete(id);
  });
  out.push(message(first.order));
  // What changed while the order was read, before anybody listened.
  wake();
  return out;
};
