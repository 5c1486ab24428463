import { sql } from "../../mixins/sql.ts";
import type { SqlTx } from "../../mixins/sql.types.ts";
import { invalid, refuse } from "../../contract/errors.ts";
import type { Ctx, Handler } from "../../contract/implement.ts";
import { paidPerLine } from "./orders.allocate.ts";
import type { OrdersActor } from "./orders.actor.ts";
import { assertVersion, auditView, writeChange } from "./orders.change.ts";
import type contract from "./orders.contract.ts";
import { keyRequired, refundExceedsCapture } from "./orders.errors.ts";
import type { Process, ProcessData } from "./orders.process.ts";
import type { Order, OrderPayment } from "./orders.shapes.ts";
import { processData, startProcess } from "./orders.start.ts";
import { refunds } from "./orders.tables.ts";

export interface RefundData extends ProcessData {
  refundId: string;
  /** Minor units. */
  amount: number;
  currency: string;
  reason: string;
  lines: { sku: string; amount: number }[];
}

/** What may still go back: captured, less what went back or is on its way. */
export const refundable = (order: Order): number =>
  order.payment.captured.amount -
  order.refunds
    .filter((refund) => refund.status !== "failed")
    .reduce((sum, refund) => sum + refund.amount.amount, 0);

/** The payment after `amount` more went back. */
export function refundedPayment(order: Order, amount: number): OrderPayment {
  const refunded = order.payment.refunded.amount + amount;
  const status = refunded >= order.payment.captured.amount ? "refunded" : "partially_refunded";
  return { ...order.payment, status, refunded: { amount: refunded, currency: order.currency } };
}

/** What a line cost: its price, or with the tax on top what was paid for it. */
const costOf = (order: Order, sku: string): number => {
  const i = order.lines.findIndex((line) => line.sku === sku);
  return Math.max(order.lines[i]?.total.amount ?? 0, paidPerLine(order)[i] ?? 0);
};

/** Counts a refund on the lines that it is for. @throws 422 when a line would get back more than it cost. */
export async function countOnLines(
  tx: SqlTx,
  order: Order,
  lines: readonly { sku: string; amount: number }[],
): Promise<void> {
  for (const { sku, amount } of lines) {
    const counted = await tx.run(sql`
      update order_lines set refunded = refunded + ${amount}
      where order_id = ${order.id} and sku = ${sku} and refunded + ${amount} <= ${costOf(order, sku)}`);
    if (counted !== 1)
      throw refuse(422, "REFUND_EXCEEDS_LINE", `More would go back than ${sku} cost.`, {
        errors: [{ pointer: "/lines", message: `too much for ${sku}` }],
      });
  }
}

/** Notes a refund that is on its way, so that no other one can take the same money. */
export const insertRefund = (
  actor: OrdersActor,
  tx: SqlTx,
  orderId: string,
  data: Omit<RefundData, "meta">,
  returnId: string | null,
) =>
  tx.insert("refunds", refunds, [
    {
      id: data.refundId,
      order_id: orderId,
      amount: data.amount,
      lines: JSON.stringify(data.lines),
      reason: data.reason,
      status: "pending",
      return_id: returnId,
      at: actor.timestamp(),
    },
  ]);

/** The provider refused: the money is free for another refund, and somebody must look (`stuck`). */
export async function failRefund(tx: SqlTx, order: Order, { refundId, lines }: RefundData): Promise<void> {
  await tx.run(sql`update refunds set status = 'failed' where id = ${refundId}`);
  for (const { sku, amount } of lines)
    await tx.run(
      sql`update order_lines set refunded = refunded - ${amount} where order_id = ${order.id} and sku = ${sku}`,
    );
}

export const refundProcess: Process<RefundData> = {
  kind: "refund",
  steps: (calls, { orderId, data: { refundId, amount, currency, reason } }) =>
    calls.call("payments.refund", { orderId, refundId, amount: { amount, currency }, reason }),
  async finish(actor, tx, loaded, { data }) {
    await tx.run(sql`update refunds set status = 'done' where id = ${data.refundId}`);
    const amount = { amount: data.amount, currency: loaded.order.currency };
    const order = await writeChange(actor, tx, loaded, {
      type: "refunded",
      patch: { payment: refundedPayment(loaded.order, data.amount) },
      data: { refundId: data.refundId, amount, reason: data.reason },
      publish: "orders.refunded",
    });
    tx.audit({
      action: "orders.refund",
      entity: "order",
      entityId: order.id,
      before: auditView(loaded.order),
      after: { ...auditView(order), refund: amount },
      meta: data.meta,
    });
    return order;
  },
  fail: failRefund,
  answer: (_tx, order) => order,
};

type Params = Parameters<Handler<typeof contract, "refund", OrdersActor>>[0]["params"];

/** @throws 422 for lines in another currency, or that make more than the refund; it may also be for what is no line */
function assertLines({ amount, lines = [] }: Params): void {
  const strange = lines.findIndex((line) => line.amount.currency !== amount.currency);
  if (strange >= 0)
    throw invalid([{ pointer: `/lines/${strange}/amount/currency`, message: `must be ${amount.currency}` }]);
  if (lines.reduce((sum, line) => sum + line.amount.amount, 0) > amount.amount)
    throw invalid([{ pointer: "/lines", message: "make more than the amount" }]);
}

function claim(actor: OrdersActor, ctx: Ctx<Params>) {
  const { amount, reason, lines = [] } = ctx.params;
  return async (tx: SqlTx, { order }: { order: Order }): Promise<RefundData> => {
    assertVersion(ctx, order);
    const left = refundable(order);
    if (amount.currency !== order.currency || amount.amount > left)
      throw refundExceedsCapture(Math.max(left, 0), order.currency);
    const data = {
      refundId: actor.newId(),
      amount: amount.amount,
      currency: order.currency,
      reason,
      lines: lines.map((line) => ({ sku: line.sku, amount: line.amount.amount })),
    };
    await countOnLines(tx, order, data.lines);
    await insertRefund(actor, tx, order.id, data, null);
    return { ...processData(ctx), ...data };
  };
}

/** Gives back a part of what was captured; the idempotency key counts once. */
export const refund: Handler<typeof contract, "refund", OrdersActor> = async function (ctx) {
  const { amount, id } = ctx.params;
  if (ctx.meta.idempotencyKey === undefined) throw keyRequired();
  if (amount.amount === 0) throw invalid([{ pointer: "/amount/amount", message: "must be above 0" }]);
  assertLines(ctx.params);
  return startProcess(this, ctx, id, refundProcess, claim(this, ctx));
};
