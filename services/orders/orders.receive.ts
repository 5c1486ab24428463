import type { Handler } from "../../contract/implement.ts";
import { sql } from "../../mixins/sql.ts";
import { paidPerLine, refundOfUnits } from "./orders.allocate.ts";
import type { OrdersActor } from "./orders.actor.ts";
import { auditView, writeChange } from "./orders.change.ts";
import type contract from "./orders.contract.ts";
import { returnNotFound } from "./orders.errors.ts";
import { toReturn, type ReturnRow } from "./orders.model.ts";
import type { Process } from "./orders.process.ts";
import {
  countOnLines,
  failRefund,
  insertRefund,
  refundable,
  refundedPayment,
  refundProcess,
  type RefundData,
} from "./orders.refund.ts";
import { findReturn, lockReturn, saveReturn } from "./orders.returns.ts";
import type { Order, Return } from "./orders.shapes.ts";
import { processData, startProcess } from "./orders.start.ts";

export interface ReceiveData extends RefundData {
  returnId: string;
  units: { sku: string; quantity: number }[];
}

/** Goods came back: they go on the shelf, and what was paid for them goes back to the shopper. */
export const receiveProcess: Process<ReceiveData, Return> = {
  kind: "receive",
  async steps(calls, saga) {
    const { orderId, data } = saga;
    await calls.call("inventory.restock", { orderId, returnId: data.returnId, lines: data.units });
    return data.amount === 0 ? null : refundProcess.steps(calls, saga);
  },
  async finish(actor, tx, loaded, { data }) {
    const row = (await findReturn(tx, data.returnId)) as ReturnRow;
    await saveReturn(actor, tx, row, "received", data.amount === 0 ? null : data.refundId);
    for (const { sku, quantity } of data.units)
      await tx.run(
        sql`update order_lines set returned = returned + ${quantity} where order_id = ${loaded.order.id} and sku = ${sku}`,
      );
    await tx.run(sql`update refunds set status = 'done' where id = ${data.refundId}`);
    const all = isAllBack(loaded.order, data.units);
    const payment = data.amount === 0 ? loaded.order.payment : refundedPayment(loaded.order, data.amount);
    const order = await writeChange(actor, tx, loaded, {
      type: all ? "returned" : "returnReceived",
      patch: { payment, ...(all ? { status: "returned" as const } : {}) },
      data: {
        returnId: data.returnId,
        lines: data.units,
        amount: { amount: data.amount, currency: loaded.order.currency },
      },
      publish: all ? "orders.returned" : "orders.returnDecided",
    });
    tx.audit({
      action: "orders.receiveReturn",
      entity: "return",
      entityId: data.returnId,
      before: { status: row.status },
      after: { ...auditView(order), return: "received" },
      meta: data.meta,
    });
    return order;
  },
  /** What is on the shelf again stays there, once; the return can be received again. */
  fail: failRefund,
  answer: async (tx, _order, { returnId }) => toReturn((await findReturn(tx, returnId)) as ReturnRow),
};

const isAllBack = (order: Order, units: ReceiveData["units"]): boolean =>
  order.lines.every((line) => {
    const back = units.find((one) => one.sku === line.sku)?.quantity ?? 0;
    return line.returned + back === line.quantity;
  });

/**
 * What goes back for each line of a return: never more than is left of what was paid for the line, nor in all than is left
 * of the capture.
 */
export function refundLines(order: Order, back: Return["lines"]): { sku: string; amount: number }[] {
  const paid = paidPerLine(order);
  let left = Math.max(refundable(order), 0);
  return back.map(({ sku, quantity }) => {
    const i = order.lines.findIndex((line) => line.sku === sku);
    const line = order.lines[i] as Order["lines"][number];
    const due = refundOfUnits(paid[i] ?? 0, line.quantity, line.returned, quantity);
    const amount = Math.min(due, Math.max((paid[i] ?? 0) - line.refunded.amount, 0), left);
    left -= amount;
    return { sku, amount };
  });
}

export const receiveReturn: Handler<typeof contract, "receiveReturn", OrdersActor> = async function (ctx) {
  const { id } = ctx.params;
  const found = await findReturn(this.store.read, id);
  if (!found) throw returnNotFound();
  return startProcess(this, ctx, found.order_id, receiveProcess, async (tx) => {
    const { row, order } = await lockReturn(tx, ctx, "received");
    const units = toReturn(row).lines;
    const lines = refundLines(order, units);
    const amount = lines.reduce((sum, line) => sum + line.amount, 0);
    const { currency } = order;
    const data = { refundId: this.newId(), amount, currency, reason: "Returned", lines };
    if (amount > 0) {
      await countOnLines(tx, order, lines);
      await insertRefund(this, tx, order.id, data, id);
    }
    return { ...processData(ctx), ...data, returnId: id, units };
  });
};
