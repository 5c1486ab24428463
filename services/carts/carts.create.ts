import type { Ctx, Handler } from "../../contract/implement.ts";
import type { Outcome, SqlTx } from "../../mixins/sql.types.ts";
import type { CartsActor } from "./carts.actor.ts";
import { expiryOf } from "./carts.decide.ts";
import type contract from "./carts.contract.ts";
import { currencyNotOffered, keyTooShort } from "./carts.errors.ts";
import { accountOf, secretOf } from "./carts.holder.ts";
import { insertCarts, lockOpenCarts, saveCarts, type CartState } from "./carts.model.ts";
import { present } from "./carts.view.ts";

export interface CreateItem {
  customerId: string | null;
  /** Left out: the store's. */
  currency?: string;
  /** Id of the call that makes it. */
  call: string;
}

export interface Created {
  cart: CartState;
  /** False when the account had an open cart. */
  made: boolean;
}

export function newCart(actor: CartsActor, { customerId, currency, call }: CreateItem): CartState {
  const at = actor.timestamp();
  return {
    id: actor.newId(),
    status: "open",
    currency: currency ?? actor.config.currency,
    customerId,
    country: null,
    postalCode: null,
    shippingMethod: null,
    email: null,
    couponCode: null,
    lines: [],
    mergedInto: null,
    calls: [call],
    version: 1,
    expiresAt: expiryOf(actor, customerId),
    createdAt: at,
    updatedAt: at,
  };
}

/** An account's open cart, as it is answered now: begun anew when it has expired, in the wished currency while it is empty. */
export function reopened(actor: CartsActor, cart: CartState, currency = cart.currency): CartState {
  const expired = cart.expiresAt <= actor.clock.now();
  if (!expired && (cart.lines.length > 0 || cart.currency === currency)) return cart;
  const emptied = { lines: [], couponCode: null, currency };
  return {
    ...cart,
    ...emptied,
    version: cart.version + 1,
    expiresAt: expiryOf(actor, cart.customerId),
    updatedAt: actor.timestamp(),
  };
}

/** Opens many carts at once; an account keeps the one that is open. */
export async function createBatch(
  actor: CartsActor,
  tx: SqlTx,
  items: readonly CreateItem[],
): Promise<Outcome<Created>[]> {
  const customers = items.flatMap(({ customerId }) => (customerId === null ? [] : [customerId]));
  const open = await lockOpenCarts(tx, customers);
  const fresh = new Map<string, CartState>();
  const changed = new Map<string, CartState>();
  const outcomes = items.map((item): Outcome<Created> => {
    const found = item.customerId === null ? undefined : open.get(item.customerId);
    const cart = found ? reopened(actor, found, item.currency) : newCart(actor, item);
    if (cart !== found) (found && !fresh.has(found.id) ? changed : fresh).set(cart.id, cart);
    if (item.customerId !== null) open.set(item.customerId, cart);
    return { ok: { cart, made: !found } };
  });
  await saveCarts(actor, tx, [...changed.values()]);
  await insertCarts(actor, tx, [...fresh.values()]);
  return outcomes;
}

const known = new Set(Intl.supportedValuesOf("currency"));
/** ISO 4217 */
export const isCurrency = (code: string): boolean => known.has(code);

/** Characters of a key that cannot be guessed. */
const longKey = 22;

async function opened(actor: CartsActor, ctx: Ctx, item: CreateItem): Promise<Created> {
  const { idempotencyKey } = ctx.meta;
  if (idempotencyKey === undefined) return actor.batches.create(item);
  if (!ctx.meta.caller && idempotencyKey.length < longKey) throw keyTooShort();
  return actor.store.writeOnce(ctx, async (tx) => {
    const [outcome] = await createBatch(actor, tx, [item]);
    return (outcome as { ok: Created }).ok;
  });
}

export const create: Handler<typeof contract, "create", CartsActor> = async function (ctx) {
  const { currency } = ctx.params;
  if (currency !== undefined && !isCurrency(currency)) throw currencyNotOffered();
  const customerId = accountOf(ctx) ?? null;
  const item = { customerId, ...(currency === undefined ? {} : { currency }), call: ctx.id };
  const { cart, made } = await opened(this, ctx, item);
  if (!made) ctx.meta.status = 200;
  const answer = await present(ctx, cart);
  return customerId === null ? { ...answer, secret: secretOf(this, cart.id) } : answer;
};
