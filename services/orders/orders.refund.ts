import { fingerprint } from "../../mixins/idempotency.ts";
import { sql } from "../../mixins/sql.ts";
import type { SqlTx } from "../../mixins/sql.types.ts";
import { refuse } from "../../contract/errors.ts";
import type { Ctx, Handler } from "../../contract/implement.ts";
import type { OrdersActor } from "./orders.actor.ts";
import { auditView, writeChange } from "./orders.change.ts";
import type contract from "./orders.contract.ts";
import { keyRequired, refundExceedsCapture } from "./orders.errors.ts";
import { answerOnce, claimKeys, storeAnswers, unwrap, type RequestKey } from "./orders.keys.ts";
import { refunds } from "./orders.tables.ts";
import { processData, startProcess, type Process, type ProcessData } from "./orders.process.ts";
import type { Order, OrderPayment } from "./orders.shapes.ts";

export interface RefundData extends ProcessData {
  refundId: string;
  /** Minor units. */
  amount: number;
  reason: string;
  lines: { sku: string; amount: number }[];
  request?: Pick<RequestKey, "caller" | "key">;
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

/** Counts a refund on the lines that it is for. @throws 422 when a line would get back more than it cost. */
export async function countOnLines(
  tx: SqlTx,
  order: Order,
  lines: readonly { sku: string; amount: number }[],
): Promise<void> {
  for (const { sku, amount } of lines) {
    const counted = await tx.run(sql`
      update order_lines set refunded = refunded + ${amount}
      where order_id = ${order.id} and sku = ${sku} and refunded + ${amount} <= total`);
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

export const refundProcess: Process<RefundData> = {
  kind: "refund",
  steps: (calls, { orderId, data: { refundId, amount, reason } }) =>
    calls.call("payments.get", { orderId }).then((payment) => {
      const currency = payment?.amount.currency ?? "";
      return calls.call("payments.refund", { orderId, refundId, amount: { amount, currency }, reason });
    }),
  async finish(actor, tx, loaded, { data }) {
    await tx.run(sql`update refunds set status = 'done' where id = ${data.refundId}`);
    const amount = { amount: data.amount, currency: loaded.order.currency };
    const order = await writeChange(actor, tx, loaded, {
      type: "refunded",
      patch: { payment: refundedPayment(loaded.order, data.amount) },
      data: { refundId: data.refundId, amount, reason: data.reason },
      publish: "orders.refunded",
    });
    if (data.request) await storeAnswers(tx, [{ ...data.request, status: 200, body: order }]);
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
  async fail(_actor, tx, { order }, { data }) {
    await tx.run(sql`update refunds set status = 'failed' where id = ${data.refundId}`);
    for (const line of data.lines)
      await tx.run(
        sql`update order_lines set refunded = refunded - ${line.amount} where order_id = ${order.id} and sku = ${line.sku}`,
      );
    if (data.request)
      await tx.run(sql`delete from keys where caller = ${data.request.caller} and key = ${data.request.key}`);
  },
};

type Params = Parameters<Handler<typeof contract, "refund", OrdersActor>>[0]["params"];

function claim(actor: OrdersActor, ctx: Ctx<Params>, request: RequestKey) {
  const { amount, reason, lines = [] } = ctx.params;
  return async (tx: SqlTx, { order }: { order: Order }): Promise<RefundData> => {
    const left = refundable(order);
    if (amount.currency !== order.currency || amount.amount > left)
      throw refundExceedsCapture(Math.max(left, 0), order.currency);
    if (amount.amount === 0)
      throw refuse(422, "VALIDATION_ERROR", "A refund of nothing.", {
        errors: [{ pointer: "/amount/amount", message: "must be above 0" }],
      });
    const data = {
      refundId: actor.newId(),
      amount: amount.amount,
      reason,
      lines: lines.map((line) => ({ sku: line.sku, amount: line.amount.amount })),
      request,
    };
    await countOnLines(tx, order, data.lines);
    await insertRefund(actor, tx, order.id, data, null);
    await claimKeys(actor, tx, [{ ...request, orderId: order.id }]);
    return { ...processData(ctx), ...data };
  };
}

/** Gives back a part of what was captured; the idempotency key counts once. */
export const refund: Handler<typeof contract, "refund", OrdersActor> = async function (ctx) {
  const { caller, idempotencyKey: key } = ctx.meta;
  if (key === undefined) throw keyRequired();
  const who = caller ? `${caller.kind}:${caller.id}` : "system";
  const request = { caller: who, key, fingerprint: fingerprint("orders.refund", ctx.params) };
  const answer = await answerOnce(this, ctx, request, async () => ({
    status: 200,
    body: await startProcess(this, ctx, ctx.params.id, refundProcess, claim(this, ctx, request)),
  }));
  return unwrap<Order>(answer);
};
