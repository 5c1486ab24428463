import type { Context } from "moleculer";
import { refuse } from "../../contract/errors.ts";
import type { Meta } from "../../contract/meta.ts";
import { defineMiddleware, type Next } from "../../middlewares/define-middleware.ts";
import { sql } from "../../mixins/sql.ts";
import type { SqlActor } from "../../mixins/sql.types.ts";
import { digest } from "../../scripts/history.ts";
import type { Order } from "../../services/orders/orders.shapes.ts";
import type { Payment } from "../../services/payments/payments.contract.ts";

/** A bug that stands in for an action of the store: what a careless author might have written. */
export interface Bug {
  /** What is wrong, in words. */
  readonly name: string;
  readonly action: string;
  /** Invariants of which `verify` must report at least one. */
  readonly breaks: readonly string[];
  /** Made anew for each store. */
  make(): (call: BuggyCall) => Promise<unknown>;
}

export interface BuggyCall {
  readonly ctx: Context<never, Meta>;
  readonly actor: SqlActor;
  /** The right handler. */
  right(): Promise<unknown>;
}

const paramsOf = <P>({ ctx }: BuggyCall): P => ctx.params;
const everyNth = (n: number): (() => boolean) => {
  let count = 0;
  return () => ++count % n === 0;
};

interface Reserve {
  lines: { sku: string; quantity: number }[];
}

/** Ten and two more. */
export const bugs: readonly Bug[] = [
  {
    name: "stock is read, then written",
    action: "inventory.reserve",
    breaks: ["I5", "I6"],
    make: () => async (call) => {
      const { store } = call.actor;
      const { lines } = paramsOf<Reserve>(call);
      const wanted = await Promise.all(
        lines.map(async ({ sku, quantity }) => {
          const row = await store.read.get<{ n: number }>(
            sql`select reserved as n from items where sku = ${sku}`,
          );
          return { sku, reserved: (row?.n ?? 0) + quantity };
        }),
      );
      const answer = await call.right();
      await store.write(async (tx) => {
        for (const { sku, reserved } of wanted)
          await tx.run(
            sql`update items set reserved = ${reserved} where sku = ${sku} and on_hand >= ${reserved}`,
          );
      });
      return answer;
    },
  },
  {
    name: "the idempotency key is kept outside of the transaction",
    action: "orders.place",
    breaks: ["I2"],
    make: () => {
      const answers = new Map<string, { body: string; answer: unknown }>();
      return async (call) => {
        const { meta } = call.ctx;
        const key = meta.idempotencyKey ?? "";
        const body = digest(call.ctx.params);
        const kept = answers.get(key);
        if (kept?.body === body) return kept.answer;
        if (kept) throw refuse(422, "IDEMPOTENCY_KEY_REUSED", "The key was used with another body.");
        meta.idempotencyKey = call.actor.newId();
        const answer = await call.right();
        answers.set(key, { body, answer });
        return answer;
      };
    },
  },
  {
    name: "a subscriber keeps no inbox",
    action: "notifications.receive",
    breaks: ["I15"],
    make: () => async (call) => {
      const { events } = paramsOf<{ events: { id: string }[] }>(call);
      const answer = await call.right();
      await call.actor.store.write(async (tx) => {
        for (const { id } of events) await tx.run(sql`delete from inbox where event_id = ${id}`);
      });
      return answer;
    },
  },
  {
    name: "a refund without a key is sent again",
    action: "payments.refund",
    breaks: ["I10"],
    make: () => {
      const again = new Set<string>();
      return async (call) => {
        const params = paramsOf<{ refundId: string }>(call);
        const answer = await call.right();
        if (again.delete(params.refundId)) return answer;
        const refundId = call.actor.newId();
        again.add(refundId);
        await call.actor.broker.call("payments.refund", { ...params, refundId });
        return answer;
      };
    },
  },
  {
    name: "a rejected order keeps its stock",
    action: "inventory.release",
    breaks: ["I7"],
    make: () => () => Promise.resolve({ released: true }),
  },
  {
    name: "a cancelled order keeps the money",
    action: "payments.void",
    breaks: ["I11"],
    make: () => async (call) => {
      const payment = await call.actor.broker.call<Payment | null, object>("payments.get", {
        orderId: paramsOf<{ orderId: string }>(call).orderId,
      });
      return payment && payment.status !== "failed" ? { ...payment, status: "voided" } : payment;
    },
  },
  {
    name: "an event is sent beside the transaction, and lost by a crash",
    action: "orders.place",
    breaks: ["I14"],
    make: () => {
      const crashes = everyNth(10);
      return async (call) => {
        const order = (await call.right()) as Order;
        if (crashes())
          await call.actor.store.write(async (tx) => {
            const lost = sql`select id from events where entity = ${order.id} and type = 'orders.confirmed'`;
            await tx.run(sql`delete from outbox where event_id in (${lost})`);
            await tx.run(sql`delete from events where entity = ${order.id} and type = 'orders.confirmed'`);
          });
        return order;
      };
    },
  },
  {
    name: "uses of a coupon are read, then written",
    action: "orders.place",
    breaks: ["I13"],
    make: () => async (call) => {
      const { couponCode } = paramsOf<{ couponCode?: string }>(call);
      if (couponCode === undefined) return call.right();
      const { store } = call.actor;
      const before = await store.read.get<{ uses: number }>(
        sql`select uses from coupons where code = ${couponCode}`,
      );
      const answer = await call.right();
      await store.write((tx) =>
        tx.run(sql`update coupons set uses = ${(before?.uses ?? 0) + 1} where code = ${couponCode}`),
      );
      return answer;
    },
  },
  {
    name: "a cache answers with somebody else's order",
    action: "orders.get",
    breaks: ["I22"],
    make: () => {
      let kept: unknown;
      const hits = everyNth(10);
      return async (call) => {
        if (hits() && kept !== undefined) return kept;
        return (kept = await call.right());
      };
    },
  },
  {
    name: "an order is read from a replica that lags",
    action: "orders.get",
    breaks: ["I18"],
    make: () => async (call) => {
      const order = (await call.right()) as Order;
      if (call.actor.clock.now() - Date.parse(order.placedAt) < 200)
        throw refuse(404, "NOT_FOUND", "There is no such order.");
      return order;
    },
  },
  {
    name: "a state is written without its history",
    action: "orders.pack",
    breaks: ["I12"],
    make: () => async (call) => {
      const order = (await call.right()) as Order;
      await call.actor.store.write((tx) =>
        tx.run(sql`update orders set version = version + 1 where id = ${order.id}`),
      );
      return order;
    },
  },
  {
    name: "money is booked on one side",
    action: "payments.capture",
    breaks: ["I19"],
    make: () => async (call) => {
      const { orderId } = paramsOf<{ orderId: string }>(call);
      const answer = await call.right();
      await call.actor.store.write((tx) =>
        tx.run(sql`delete from ledger_entries where order_id = ${orderId} and amount > 0`),
      );
      return answer;
    },
  },
];

/** Puts the bug in front of its action, on the node that works it. */
export const planted = ({ name, action, make }: Bug) => {
  const bug = make();
  return defineMiddleware({
    name: `Planted: ${name}`,
    localAction: (next: Next, wrapped) =>
      wrapped.name !== action
        ? next
        : function buggy(ctx) {
            const actor = (ctx as unknown as { service: SqlActor }).service;
            return bug({ ctx: ctx as unknown as BuggyCall["ctx"], actor, right: () => next(ctx) });
          },
  });
};
