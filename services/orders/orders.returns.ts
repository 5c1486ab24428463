import type { Ctx, Handler } from "../../contract/implement.ts";
import { sql } from "../../mixins/sql.ts";
import type { SqlReader, SqlTx } from "../../mixins/sql.types.ts";
import type { OrdersActor } from "./orders.actor.ts";
import { assertVersion, auditView, lockOrder, writeChange } from "./orders.change.ts";
import type contract from "./orders.contract.ts";
import {
  orderStatusConflict,
  returnExceedsOrder,
  returnNotFound,
  returnStatusConflict,
} from "./orders.errors.ts";
import { heldOrder } from "./orders.holder.ts";
import { toReturn, type ReturnRow } from "./orders.model.ts";
import { assertIdle } from "./orders.saga.ts";
import { patiently } from "./orders.start.ts";
import { returns } from "./orders.tables.ts";
import { isReturnable, mayMoveReturn } from "./orders.status.ts";
import type { Order, Return, ReturnStatus } from "./orders.shapes.ts";
import { touch } from "./orders.stream.ts";

export const findReturn = (reader: SqlReader, id: string): Promise<ReturnRow | undefined> =>
  reader.get<ReturnRow>(sql`select * from returns where id = ${id}`);

/** Units of a SKU that may still be asked back: sold, less returned, less what is on its way back. */
function returnable(order: Order, sku: string): number {
  const line = order.lines.find((one) => one.sku === sku);
  if (!line) return 0;
  const open = order.returns.filter((one) => one.status === "requested" || one.status === "approved");
  const waiting = open.flatMap((one) => one.lines).filter((one) => one.sku === sku);
  return line.quantity - line.returned - waiting.reduce((sum, one) => sum + one.quantity, 0);
}

const summed = (lines: readonly { sku: string; quantity: number }[]) => {
  const units = new Map<string, number>();
  for (const { sku, quantity } of lines) units.set(sku, (units.get(sku) ?? 0) + quantity);
  return [...units].map(([sku, quantity]) => ({ sku, quantity }));
};

/** The shopper asks to send lines back. */
export const requestReturn: Handler<typeof contract, "requestReturn", OrdersActor> = async function (ctx) {
  const { id, reason } = ctx.params;
  await heldOrder(this, ctx, id);
  const { made, order } = await this.store.writeOnce(ctx, async (tx) => {
    const loaded = await lockOrder(tx, id);
    if (!isReturnable(loaded.order.status)) throw orderStatusConflict(loaded.order.status, "returned");
    const lines = summed(ctx.params.lines);
    for (const { sku, quantity } of lines) {
      const left = returnable(loaded.order, sku);
      if (quantity > left) throw returnExceedsOrder(sku, left);
    }
    const row: ReturnRow = {
      id: this.newId(),
      order_id: id,
      status: "requested",
      lines: JSON.stringify(lines),
      reason,
      requested_at: this.timestamp(),
      decided_at: null,
      refund_id: null,
      version: 1,
    };
    await tx.insert("returns", returns, [{ ...row }]);
    const after = await writeChange(this, tx, loaded, {
      type: "returnRequested",
      data: { returnId: row.id, lines },
      publish: "orders.returnRequested",
    });
    return { made: toReturn(row), order: { id: after.id, version: after.version } };
  });
  touch(this, order);
  return made;
};

/** Locks a return behind its order (always in this order) and checks that it may move on. */
export async function lockReturn(
  tx: SqlTx,
  ctx: Ctx<{ id: string }>,
  to: ReturnStatus,
): Promise<{ row: ReturnRow; order: Order; cartId: string | null }> {
  const { id } = ctx.params;
  const found = await findReturn(tx, id);
  if (!found) throw returnNotFound();
  const loaded = await lockOrder(tx, found.order_id);
  const row = (await findReturn(tx, id)) as ReturnRow;
  assertVersion(ctx, row);
  if (!mayMoveReturn(row.status, to)) throw returnStatusConflict(row.status, to);
  return { row, ...loaded };
}

export const saveReturn = (
  actor: OrdersActor,
  tx: SqlTx,
  row: ReturnRow,
  status: ReturnStatus,
  refundId: string | null = null,
) =>
  tx.run(sql`
    update returns set status = ${status}, decided_at = ${actor.timestamp()}, refund_id = ${refundId}, version = version + 1
    where id = ${row.id} and version = ${row.version}`);

async function decide(
  actor: OrdersActor,
  ctx: Ctx<{ id: string }>,
  to: "approved" | "refused",
  reason?: string,
): Promise<Return> {
  const { id } = ctx.params;
  const work = async (tx: SqlTx) => {
    const locked = await lockReturn(tx, ctx, to);
    // It may be on its way to the shelf just now.
    await assertIdle(tx, locked.order.id);
    await saveReturn(actor, tx, locked.row, to);
    const type = to === "approved" ? "returnApproved" : "returnRefused";
    const data = { returnId: id, ...(reason === undefined ? {} : { reason }) };
    const after = await writeChange(actor, tx, locked, { type, data, publish: "orders.returnDecided" });
    const verb = to === "approved" ? "approveReturn" : "refuseReturn";
    tx.audit({
      action: `orders.${verb}`,
      entity: "return",
      entityId: id,
      before: { status: locked.row.status },
      after: { ...auditView(after), return: to },
      meta: ctx.meta,
    });
    return {
      made: toReturn((await findReturn(tx, id)) as ReturnRow),
      order: { id: after.id, version: after.version },
    };
  };
  const { made, order } = await patiently(() => actor.store.writeOnce(ctx, work));
  touch(actor, order);
  return made;
}

export const approveReturn: Handler<typeof contract, "approveReturn", OrdersActor> = function (ctx) {
  return decide(this, ctx, "approved");
};

export const refuseReturn: Handler<typeof contract, "refuseReturn", OrdersActor> = function (ctx) {
  return decide(this, ctx, "refused", ctx.params.reason ?? "");
};
