import type { Ctx } from "../../contract/implement.ts";
import type { Outcome, SqlTx } from "../../mixins/sql.types.ts";
import type { CartsActor } from "./carts.actor.ts";
import { cartClosed, versionMismatch } from "./carts.errors.ts";
import { held } from "./carts.holder.ts";
import { lockCarts, saveCarts, saveSeenCarts, type CartState } from "./carts.model.ts";

const day = 24 * 3600 * 1000;
/** Milliseconds that a cart lives after its last change: a guest's, an account's. */
const guestLife = 30 * day;
const accountLife = 365 * day;

/** So many changes may come between a call that was lost and the moment when it is sent again, or a frozen node works it. */
const callsKept = 64;

export const expiryOf = (actor: CartsActor, customerId: string | null): number =>
  actor.clock.now() + (customerId === null ? guestLife : accountLife);

/** What changes of a cart, decided in memory; undefined when nothing does. Throws a refusal. */
export type Edit = (cart: CartState) => Partial<CartState> | undefined;

export interface ChangeItem {
  ctx: Pick<Ctx, "meta" | "id">;
  id: string;
  edit: Edit;
  /** The cart as it was a moment ago. */
  seen?: CartState;
}

/** The cart after an edit by its holder. @throws 404, 409 `CART_CLOSED`, 412, or the edit's own refusal */
export function decide(
  actor: CartsActor,
  { ctx, edit }: ChangeItem,
  found: CartState | undefined,
): CartState {
  const cart = held(actor, ctx, found);
  // A call that was lost on its way and sent again has had its effect.
  if (ctx.meta.idempotencyKey === undefined && cart.calls.includes(ctx.id)) return cart;
  if (cart.status !== "open") throw cartClosed();
  const { ifMatch } = ctx.meta;
  if (ifMatch !== undefined && ifMatch !== cart.version) throw versionMismatch(cart.version);
  const patch = edit(cart);
  if (!patch) return cart;
  return {
    ...cart,
    ...patch,
    calls: [ctx.id, ...cart.calls].slice(0, callsKept),
    version: cart.version + 1,
    expiresAt: expiryOf(actor, cart.customerId),
    updatedAt: actor.timestamp(),
  };
}

interface Decided {
  outcomes: Outcome<CartState>[];
  changed: Map<string, CartState>;
}

/** Several changes of one cart are made one after the other. */
function decideAll(
  actor: CartsActor,
  items: readonly ChangeItem[],
  found: ReadonlyMap<string, CartState>,
): Decided {
  const changed = new Map<string, CartState>();
  const outcomes = items.map((item): Outcome<CartState> => {
    const before = changed.get(item.id) ?? found.get(item.id);
    try {
      const after = decide(actor, item, before);
      if (after !== before) changed.set(item.id, after);
      return { ok: after };
    } catch (error) {
      return { error: error as Error };
    }
  });
  return { outcomes, changed };
}

/** The newest that was seen of each cart; undefined when one was not seen. */
function asSeen(items: readonly ChangeItem[]): Map<string, CartState> | undefined {
  const found = new Map<string, CartState>();
  for (const { id, seen } of items) {
    if (!seen) return undefined;
    if (seen.version > (found.get(id)?.version ?? 0)) found.set(id, seen);
  }
  return found;
}

/**
 * Makes the changes on carts as they were seen, without a read: what is written only then tells that they are still so. Undefined
 * when one is left as it is, for a refusal or a change that was made before must be told of the cart that stands there.
 */
async function changeSeen(
  actor: CartsActor,
  tx: SqlTx,
  items: readonly ChangeItem[],
): Promise<Outcome<CartState>[] | undefined> {
  const seen = tx.first ? asSeen(items) : undefined;
  if (!seen) return undefined;
  const { outcomes, changed } = decideAll(actor, items, seen);
  if (!items.every(({ id }) => changed.has(id))) return undefined;
  await saveSeenCarts(actor, tx, [...changed.values()], seen);
  return outcomes;
}

/** Changes many carts in one read, if any is needed, and one write. */
export async function changeBatch(
  actor: CartsActor,
  tx: SqlTx,
  items: readonly ChangeItem[],
): Promise<Outcome<CartState>[]> {
  const done = await changeSeen(actor, tx, items);
  if (done) return done;
  const found = await lockCarts(
    tx,
    items.map(({ id }) => id),
  );
  const { outcomes, changed } = decideAll(actor, items, found);
  await saveCarts(actor, tx, [...changed.values()]);
  return outcomes;
}
