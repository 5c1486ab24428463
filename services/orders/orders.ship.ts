import type { Handler } from "../../contract/implement.ts";
import type { Payment } from "../payments/payments.contract.ts";
import type { OrdersActor } from "./orders.actor.ts";
import { assertMove, assertVersion, auditView, isRepeat, writeChange } from "./orders.change.ts";
import type contract from "./orders.contract.ts";
import type { Process, ProcessData } from "./orders.process.ts";
import type { Order } from "./orders.shapes.ts";
import { processData, startProcess } from "./orders.start.ts";

export interface ShipData extends ProcessData {
  tracking: Order["tracking"];
  free: boolean;
}

/** Shipping captures the payment, then moves the stock out of the house. */
export const shipProcess: Process<ShipData> = {
  kind: "ship",
  async steps(calls, { orderId, data }) {
    const payment = data.free ? null : await calls.call("payments.capture", { orderId });
    await calls.call("inventory.ship", { orderId });
    return payment;
  },
  async finish(actor, tx, loaded, { data }, result) {
    const payment = result as Payment | null;
    const captured = payment
      ? { ...loaded.order.payment, status: "captured" as const, captured: payment.captured }
      : loaded.order.payment;
    const patch = { status: "shipped" as const, payment: captured, tracking: data.tracking };
    const order = await writeChange(actor, tx, loaded, {
      type: "shipped",
      patch,
      data: { tracking: data.tracking },
      publish: "orders.shipped",
    });
    tx.audit({
      action: "orders.ship",
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

const sameTracking = (a: Order["tracking"], b: Order["tracking"]): boolean =>
  a?.carrier === b?.carrier && a?.number === b?.number;

export const ship: Handler<typeof contract, "ship", OrdersActor> = function (ctx) {
  const { id, carrier, trackingNumber } = ctx.params;
  const tracking =
    carrier === undefined && trackingNumber === undefined
      ? null
      : { carrier: carrier ?? "", number: trackingNumber ?? "" };
  return startProcess(this, ctx, id, shipProcess, (_tx, { order }) => {
    if (isRepeat(ctx, order, "shipped") && sameTracking(order.tracking, tracking)) return undefined;
    assertVersion(ctx, order);
    assertMove(order, "shipped");
    return { ...processData(ctx), tracking, free: order.total.amount === 0 };
  });
};
