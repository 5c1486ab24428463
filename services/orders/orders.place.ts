import { fingerprint } from "../../mixins/idempotency.ts";
import { sameSecret, deriveSecret } from "../../mixins/secrets.ts";
import type { Ctx, Handler } from "../../contract/implement.ts";
import type { OrdersActor } from "./orders.actor.ts";
import { runCheckout, type CheckoutData } from "./orders.checkout.ts";
import type contract from "./orders.contract.ts";
import { draftOrder, type PlaceParams } from "./orders.draft.ts";
import { cartNotFound, isRefusal, keyRequired, keyTooShort } from "./orders.errors.ts";
import {
  answerOfKnown,
  answerOfOther,
  answerOfResumed,
  answerOnce,
  unwrap,
  type Answer,
  type RequestKey,
} from "./orders.keys.ts";
import { newSaga, runSaga } from "./orders.saga.ts";
import type { Order } from "./orders.shapes.ts";
import { touch } from "./orders.stream.ts";

/** A guest without a cart is known by the key alone: 22 characters of base64url are 128 bits. */
const guestKeyLength = 22;

/** Account, API key, the cart (whose secret is checked here), or the key alone. */
function callerOf(actor: OrdersActor, ctx: Ctx<PlaceParams>, key: string): string {
  const { caller, cartSecret } = ctx.meta;
  if (caller) return `${caller.kind}:${caller.id}`;
  const { cartId } = ctx.params;
  if (cartId === undefined) {
    if (key.length < guestKeyLength) throw keyTooShort();
    return "guest";
  }
  if (!sameSecret(cartSecret, deriveSecret(actor.config.appSecret, "cart", cartId))) throw cartNotFound();
  return `cart:${cartId}`;
}

function requestOf(actor: OrdersActor, ctx: Ctx<PlaceParams>): RequestKey {
  const key = ctx.meta.idempotencyKey;
  if (key === undefined) throw keyRequired();
  return { caller: callerOf(actor, ctx, key), key, fingerprint: fingerprint("orders.place", ctx.params) };
}

/** Writes the pending order, then runs its checkout to an end. */
async function first(actor: OrdersActor, ctx: Ctx<PlaceParams>, request: RequestKey): Promise<Answer> {
  const drafted = await draftOrder(actor, ctx).catch((error: unknown) => {
    if (isRefusal(error)) throw error;
    return answerOfKnown(actor, ctx, request, error);
  });
  if ("status" in drafted) return drafted;
  const { order, cartId, customer } = drafted;
  const { caller, key } = request;
  const requestId = ctx.requestID ?? undefined;
  const saga = newSaga<CheckoutData>(actor, order.id, "place", "forward", {
    request: { caller, key },
    requestId,
    payment: ctx.params.payment,
  });
  const opened = await actor.batches.open({ order, cartId, request, saga, customer });
  if (opened.known) return answerOfOther(actor, ctx, request);
  return runSaga(actor, saga, () => runCheckout({ actor, calls: ctx, saga, order, cartId })).catch(
    (error: unknown) => answerOfResumed(actor, request, error),
  );
}

export const place: Handler<typeof contract, "place", OrdersActor> = async function (ctx) {
  const request = requestOf(this, ctx);
  const answer = await answerOnce(this, ctx, request, () => first(this, ctx, request));
  const order = unwrap<Order>(answer);
  touch(this, order);
  return ctx.meta.caller?.kind === "account"
    ? order
    : { ...order, secret: deriveSecret(this.config.appSecret, "order", order.id) };
};
