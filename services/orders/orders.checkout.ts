import { refuse } from "../../contract/errors.ts";
import type { Caller } from "../../contract/implement.ts";
import type { Payment } from "../payments/payments.contract.ts";
import type { OrdersActor } from "./orders.actor.ts";
import type { Advance } from "./orders.advance.ts";
import { isRefusal, paymentDeclined } from "./orders.errors.ts";
import { refusalAnswer, type Answer, type RequestKey } from "./orders.keys.ts";
import { saveStep, type Saga } from "./orders.saga.ts";
import type { Order, OrderPayment } from "./orders.shapes.ts";

/** What a checkout must know to be resumed by anybody. `undo` is set once it is decided that the order will not stand. */
export interface CheckoutData {
  request: Pick<RequestKey, "caller" | "key">;
  requestId?: string;
  payment: { provider: "test" | "stripe"; token?: string };
  /** The first answer was given already (the payment needs the shopper). */
  answered?: boolean;
  /** Milliseconds: a payment that is not finished by then expires the order. */
  deadline?: number;
  undo?: { as: "rejected" | "expired"; reason: string; answer: Answer };
}

export interface Checkout {
  actor: OrdersActor;
  calls: Pick<Caller, "call">;
  saga: Saga<CheckoutData>;
  order: Order;
  cartId: string | null;
}

/** Seconds that stock is held while an order is placed, and while a shopper pays elsewhere. */
const holdSeconds = 15 * 60;
const payingSeconds = 30 * 60;

const paid = (payment: Payment): OrderPayment => ({
  status: payment.status,
  provider: payment.provider,
  authorized:
    payment.status === "authorized" || payment.status === "captured"
      ? payment.amount
      : { ...payment.amount, amount: 0 },
  captured: payment.captured,
  refunded: payment.refunded,
  ...(payment.nextAction ? { nextAction: payment.nextAction } : {}),
});

/** The order's next version with one more event. */
function next(
  checkout: Checkout,
  type: string,
  change: Partial<Order>,
  data: object = {},
): Pick<Advance, "order" | "event"> {
  const { order, actor } = checkout;
  const event = { version: order.version + 1, type, at: actor.timestamp(), data };
  return {
    order: {
      ...order,
      ...change,
      version: event.version,
      updatedAt: event.at,
      events: [...order.events, event],
    },
    event,
  };
}

const answerOf = (checkout: Checkout, answer: Answer): Pick<Advance, "answer"> =>
  checkout.saga.data.answered ? {} : { answer: { ...checkout.saga.data.request, ...answer } };

async function confirm(checkout: Checkout, payment: OrderPayment): Promise<Answer> {
  const { order, event } = next(checkout, "confirmed", { status: "confirmed", payment });
  const answer = { status: 201, body: order };
  const { actor, saga, cartId } = checkout;
  await actor.batches.advance({
    order,
    event,
    cartId,
    saga,
    publish: "orders.confirmed",
    ...answerOf(checkout, answer),
  });
  return answer;
}

/** The shopper (or the provider's late word) decides; the hold is extended while the payment runs. */
async function wait(checkout: Checkout, payment: OrderPayment): Promise<Answer> {
  const { actor, saga, cartId, calls } = checkout;
  const poll = actor.clock.now() + 60_000;
  if (saga.data.deadline !== undefined) {
    saga.step = "waiting";
    await actor.store.write((tx) => saveStep(actor, tx, saga, Math.min(saga.data.deadline ?? poll, poll)));
    return { status: 201, body: checkout.order };
  }
  await calls.call("inventory.extend", { orderId: saga.orderId, ttlSeconds: payingSeconds + holdSeconds });
  const deadline = actor.clock.now() + payingSeconds * 1000;
  const { order, event } = next(checkout, "paymentPending", { payment });
  const answer = { status: 201, body: order };
  const answered = answerOf(checkout, answer);
  saga.step = "waiting";
  saga.data = { ...saga.data, answered: true, deadline };
  await actor.batches.advance({
    order,
    event,
    cartId,
    saga,
    waitUntil: Math.min(deadline, poll),
    ...answered,
  });
  return answer;
}

/** Lets go of the payment and the stock, then says so: every part is harmless when repeated. */
async function undo(checkout: Checkout): Promise<Answer> {
  const { actor, saga, cartId, calls } = checkout;
  const { as, reason, answer } = saga.data.undo as NonNullable<CheckoutData["undo"]>;
  const voided = await calls.call("payments.void", { orderId: saga.orderId });
  await calls.call("inventory.release", { orderId: saga.orderId });
  const status = voided?.status === "failed" || voided?.status === "voided" ? voided.status : "none";
  const payment = { ...checkout.order.payment, status, nextAction: undefined } as OrderPayment;
  const { order, event } = next(checkout, as, { status: as, payment }, { reason });
  await actor.batches.advance({
    order,
    event,
    cartId,
    saga,
    publish: `orders.${as}`,
    ...answerOf(checkout, answer),
  });
  return answer;
}

async function undoFor(checkout: Checkout, as: "rejected" | "expired", error: Error): Promise<Answer> {
  const { actor, saga } = checkout;
  const answer = refusalAnswer(error, saga.data.requestId);
  saga.step = "undo";
  saga.data = { ...saga.data, undo: { as, reason: (error as { type?: string }).type ?? "ERROR", answer } };
  await actor.store.write((tx) => saveStep(actor, tx, saga));
  return undo(checkout);
}

function authorize({ calls, saga, order }: Checkout): Promise<Payment> | undefined {
  if (order.total.amount === 0) return undefined;
  const { id: orderId, total: amount, number: reference, email } = order;
  return calls.call("payments.authorize", { orderId, amount, reference, email, ...saga.data.payment });
}

const free = (order: Order): OrderPayment => ({ ...order.payment, status: "authorized" });

/** Nobody waits any more: a card is not asked hours later because the provider, or the store, was away until then. */
const isStale = ({ actor, saga, order }: Checkout): boolean =>
  saga.data.deadline === undefined && actor.clock.now() - Date.parse(order.placedAt) > holdSeconds * 1000;

const expired = () => refuse(409, "PAYMENT_EXPIRED", "The payment was not finished in time.");

async function settle(checkout: Checkout, payment: Payment | undefined): Promise<Answer> {
  if (!payment) return confirm(checkout, free(checkout.order));
  switch (payment.status) {
    case "authorized":
    case "captured":
      return confirm(checkout, paid(payment));
    case "requires_action":
    case "pending": {
      const { deadline } = checkout.saga.data;
      if (deadline !== undefined && checkout.actor.clock.now() >= deadline)
        return undoFor(checkout, "expired", expired());
      return wait(checkout, paid(payment));
    }
    case "failed":
    case "voided":
      return undoFor(checkout, "rejected", paymentDeclined(payment.failure ?? "declined"));
  }
}

/**
 * Steps 3 to 5 of the order path: hold the stock, ask for the payment, confirm; or undo all of it. May be run from its start
 * again at any time: every call is keyed by the order.
 */
export async function runCheckout(checkout: Checkout): Promise<Answer> {
  const { calls, saga, order } = checkout;
  if (saga.data.undo) return undo(checkout);
  if (isStale(checkout)) return undoFor(checkout, "expired", expired());
  let payment: Payment | undefined;
  try {
    const lines = order.lines.map(({ sku, quantity }) => ({ sku, quantity }));
    await calls.call("inventory.reserve", { orderId: order.id, lines, ttlSeconds: holdSeconds });
    payment = await authorize(checkout);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return undoFor(checkout, "rejected", error);
  }
  return settle(checkout, payment);
}
