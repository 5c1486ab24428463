import type { Handler } from "../../contract/implement.ts";
import { sql } from "../../mixins/sql.ts";
import type { OrdersActor } from "./orders.actor.ts";
import type contract from "./orders.contract.ts";
import { lease } from "./orders.saga.ts";
import type { OrderStatus } from "./orders.shapes.ts";
import { holdsStock } from "./orders.status.ts";

type Done = "woken" | "rechecked" | "voided" | "released";
/** An order that gave back what it held; one that was shipped keeps its payment. */
const isOver = (status: OrderStatus | undefined): boolean =>
  status === undefined || (!holdsStock(status) && !["shipped", "delivered", "returned"].includes(status));

/**
 * Does at once what sweeps and the reconciliation do in their time. Each step is the keyed one of the order path, and asks the
 * order's status first, so pressing it twice, or for an order that is well, changes nothing.
 */
export const unstick: Handler<typeof contract, "unstick", OrdersActor> = async function (ctx) {
  const { id: orderId } = ctx.params;
  const done: Done[] = [];
  const woken = await this.store.write(async (tx) => {
    const now = this.clock.now();
    // A process that runs just now renews its lease long before it could be mistaken for one that was put down.
    const rows = await tx.run(sql`
      update sagas set lease_until = 0
      where order_id = ${orderId} and (step = 'waiting' or lease_until > ${now + lease})`);
    tx.audit({
      action: "orders.unstick",
      entity: "order",
      entityId: orderId,
      after: { woken: rows > 0 },
      meta: ctx.meta,
    });
    return rows;
  });
  if (woken > 0) done.push("woken");
  const { due } = await ctx.call("payments.recheck", { orderId });
  if (due > 0) done.push("rechecked");
  const order = await this.store.read.get<{ status: OrderStatus }>(
    sql`select status from orders where id = ${orderId}`,
  );
  if (woken > 0 || !isOver(order?.status)) return { done };
  const payment = await ctx.call("payments.get", { orderId });
  if (payment && ["pending", "requires_action", "authorized"].includes(payment.status)) {
    await ctx.call("payments.void", { orderId });
    done.push("voided");
  }
  if ((await ctx.call("inventory.release", { orderId })).released) done.push("released");
  return { done };
};
