import type { Ctx, Handler } from "../../contract/implement.ts";
import type { Payment } from "../payments/payments.contract.ts";
import type { OrdersActor } from "./orders.actor.ts";
import { assertMove, assertVersion, auditView, writeChange } from "./orders.change.ts";
import type contract from "./orders.contract.ts";
import { heldOrder } from "./orders.holder.ts";
import type { Process, ProcessData } from "./orders.process.ts";
import type { Order } from "./orders.shapes.ts";
import { processData, startProcess } from "./orders.start.ts";

export interface CancelData extends ProcessData {
  reason: string;
}

/** Cancelling lets go of the payment (what was captured is refunded) and gives the stock back. */
export const cancelProcess: Process<CancelData> = {
  kind: "cancel",
  async steps(calls, { orderId }) {
    const payment = await calls.call("payments.void", { orderId });
    await calls.call("inventory.release", { orderId });
    return payment;
  },
  async finish(actor, tx, loaded, { data }, result) {
    const voided = result as Payment | null;
    const payment = {
      ...loaded.order.payment,
      ...(voided ? { status: "voided" as const, captured: voided.captured, refunded: voided.refunded } : {}),
    };
    const order = await writeChange(actor, tx, loaded, {
      type: "cancelled",
      patch: { status: "cancelled", payment },
      data: { reason: data.reason },
      publish: "orders.cancelled",
    });
    tx.audit({
      action: "orders.cancel",
      entity: "order",
      entityId: order.id,
      before: auditView(loaded.order),
      after: auditView(order),
      meta: data.meta,
    });
    return order;
  },
  answer: (_tx, order) => order,
};

function cancelOrder(actor: OrdersActor, ctx: Ctx, id: string, reason: string): Promise<Order> {
  return startProcess(actor, ctx, id, cancelProcess, (_tx, { order }) => {
    assertVersion(ctx, order);
    if (order.status === "cancelled") return undefined;
    assertMove(order, "cancelled");
    return { ...processData(ctx), reason };
  });
}

/** By its customer, or by the guest with the order's secret. */
export const cancel: Handler<typeof contract, "cancel", OrdersActor> = async function (ctx) {
  const { id, reason = "" } = ctx.params;
  await heldOrder(this, ctx, id);
  return cancelOrder(this, ctx, id, reason);
};

/** By staff. */
export const adminCancel: Handler<typeof contract, "adminCancel", OrdersActor> = function (ctx) {
  const { id, reason = "" } = ctx.params;
  return cancelOrder(this, ctx, id, reason);
};
