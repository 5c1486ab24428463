import type { Ctx, Handler } from "../../contract/implement.ts";
import type { SqlTx } from "../../mixins/sql.types.ts";
import type { CartsActor } from "./carts.actor.ts";
import { expiryOf } from "./carts.decide.ts";
import type contract from "./carts.contract.ts";
import { newCart, reopened } from "./carts.create.ts";
import { cartClosed, cartNotFound, currencyMismatch } from "./carts.errors.ts";
import { lookUp, type Facts } from "./carts.facts.ts";
import { customerOf, held, secretOf } from "./carts.holder.ts";
import { mergeLines, type Notice } from "./carts.merge.rules.ts";
import {
  findCart,
  findOpenCart,
  insertCarts,
  lockCarts,
  lockOpenCarts,
  saveCarts,
  type CartState,
} from "./carts.model.ts";
import { sameSecret } from "../../mixins/secrets.ts";
import { present } from "./carts.view.ts";

interface Merged {
  cart: CartState;
  notices: Notice[];
}

/** The guest's cart, known by its secret; the account's own needs none. */
function mergeable(actor: CartsActor, ctx: Ctx, cart: CartState | undefined): CartState {
  if (cart?.customerId === null && !sameSecret(ctx.meta.cartSecret, secretOf(actor, cart.id)))
    throw cartNotFound();
  return held(actor, ctx, cart);
}

/** The account's cart that a guest's went into before. @throws 404 when it went to another account */
async function mergedBefore(tx: SqlTx, guest: CartState, customerId: string): Promise<Merged> {
  const into = (await lockCarts(tx, [guest.mergedInto ?? ""])).get(guest.mergedInto ?? "");
  if (into?.customerId !== customerId) throw cartNotFound();
  const open = (await lockOpenCarts(tx, [customerId])).get(customerId);
  return { cart: open ?? into, notices: [] };
}

function mergeInto(actor: CartsActor, guest: CartState, own: CartState, facts: Facts): Merged {
  if (own.currency !== guest.currency && own.lines.length > 0)
    throw currencyMismatch(guest.currency, own.currency);
  const { lines, notices } = mergeLines(own.lines, guest.lines, facts);
  const cart: CartState = {
    ...own,
    currency: guest.currency,
    lines,
    country: own.country ?? guest.country,
    postalCode: own.postalCode ?? guest.postalCode,
    shippingMethod: own.shippingMethod ?? guest.shippingMethod,
    email: own.email ?? guest.email,
    couponCode: own.couponCode ?? guest.couponCode,
    version: own.version + 1,
    expiresAt: expiryOf(actor, own.customerId),
    updatedAt: actor.timestamp(),
  };
  return { cart, notices };
}

async function mergeCarts(actor: CartsActor, ctx: Ctx, tx: SqlTx, id: string, facts: Facts): Promise<Merged> {
  const customerId = customerOf(ctx);
  const guest = mergeable(actor, ctx, (await lockCarts(tx, [id])).get(id));
  if (guest.status === "merged") return mergedBefore(tx, guest, customerId);
  if (guest.status !== "open") throw cartClosed();
  if (guest.customerId !== null) return { cart: guest, notices: [] };
  const found = (await lockOpenCarts(tx, [customerId])).get(customerId);
  const own = found
    ? reopened(actor, found)
    : newCart(actor, { customerId, currency: guest.currency, call: ctx.id });
  const merged = mergeInto(actor, guest, own, facts);
  const left: CartState = {
    ...guest,
    status: "merged",
    mergedInto: own.id,
    version: guest.version + 1,
    updatedAt: actor.timestamp(),
  };
  if (!found) await insertCarts(actor, tx, [{ ...merged.cart, version: 1 }]);
  await saveCarts(actor, tx, found ? [merged.cart, left] : [left]);
  tx.publish("carts.merged", { entity: id, version: left.version }, { cartId: id, into: own.id, customerId });
  return found ? merged : { ...merged, cart: { ...merged.cart, version: 1 } };
}

export const merge: Handler<typeof contract, "merge", CartsActor> = async function (ctx) {
  const { id } = ctx.params;
  const customerId = customerOf(ctx);
  const guest = mergeable(this, ctx, await findCart(this.store.read, id));
  // An order of it waits for its payment: its lines are on their way, and must not be ordered a second time.
  if (guest.status === "open" && (await ctx.call("orders.ofCart", { cartId: id })) !== null)
    throw cartClosed();
  const own = await findOpenCart(this.store.read, customerId);
  const skus = [...guest.lines, ...(own?.lines ?? [])].map(({ sku }) => sku);
  const facts = await lookUp(ctx, guest.currency, skus);
  const { cart, notices } = await this.store.writeOnce(ctx, (tx) => mergeCarts(this, ctx, tx, id, facts));
  return { cart: await present(ctx, cart, facts), notices };
};
