import type { Ctx, Handler } from "../../contract/implement.ts";
import type { OrdersActor } from "./orders.actor.ts";
import { assertMove, assertVersion, auditView, isRepeat, lockOrder, writeChange } from "./orders.change.ts";
import type contract from "./orders.contract.ts";
import type { Order } from "./orders.shapes.ts";
import { touch } from "./orders.stream.ts";

/** A move along the chart that no other actor takes part in. */
async function move(
  actor: OrdersActor,
  ctx: Ctx<{ id: string }>,
  to: "packed" | "delivered",
  verb: "pack" | "deliver",
): Promise<Order> {
  const order = await actor.store.writeOnce(ctx, async (tx) => {
    const loaded = await lockOrder(tx, ctx.params.id);
    if (isRepeat(ctx, loaded.order, to)) return loaded.order;
    assertVersion(ctx, loaded.order);
    assertMove(loaded.order, to);
    const after = await writeChange(actor, tx, loaded, {
      type: to,
      patch: { status: to },
      publish: `orders.${to}`,
    });
    tx.audit({
      action: `orders.${verb}`,
      entity: "order",
      entityId: after.id,
      before: auditView(loaded.order),
      after: auditView(after),
      meta: ctx.meta,
    });
    return after;
  });
  touch(actor, order);
  return order;
}

export const pack: Handler<typeof contract, "pack", OrdersActor> = function (ctx) {
  return move(this, ctx, "packed", "pack");
};

export const deliver: Handler<typeof contract, "deliver", OrdersActor> = function (ctx) {
  return move(this, ctx, "delivered", "deliver");
};
