import { updateOf } from "../../mixins/row-change.ts";
import { lookupOf } from "../../mixins/row-lookup.ts";
import { sql } from "../../mixins/sql.ts";
import type { SqlReader, SqlTx, Table } from "../../mixins/sql.types.ts";
import { storeError } from "../../mixins/store-errors.ts";
import type { CartsActor } from "./carts.actor.ts";
import type { Cart } from "./carts.contract.ts";
import { remember } from "./carts.seen.ts";

/** One row a cart, its lines as JSON; `expires_at` in milliseconds; `last_call` has the ids of the calls that changed it last. */
export const carts = {
  id: "text",
  status: "text",
  currency: "text",
  customer_id: "text",
  country: "text",
  postal_code: "text",
  shipping_method: "text",
  email: "text",
  coupon_code: "text",
  lines: "text",
  merged_into: "text",
  last_call: "text",
  version: "bigint",
  expires_at: "bigint",
  created_at: "text",
  updated_at: "text",
} as const satisfies Table;

/** A line as the row keeps it: what it was called and cost when it was put in, for when it is no longer sold. */
export interface Line {
  sku: string;
  productId: string;
  slug: string;
  name: string;
  image: string | null;
  quantity: number;
  /** Minor units of the cart's currency. */
  price: number;
}

export interface CartState {
  id: string;
  status: Cart["status"];
  currency: string;
  customerId: string | null;
  country: string | null;
  postalCode: string | null;
  shippingMethod: Cart["shippingMethod"];
  email: string | null;
  couponCode: string | null;
  lines: readonly Line[];
  mergedInto: string | null;
  /** Ids of the calls that changed it last, the newest first. */
  calls: readonly string[];
  version: number;
  /** Milliseconds. */
  expiresAt: number;
  createdAt: string;
  updatedAt: string;
}

type CartRow = { [C in keyof typeof carts]: (typeof carts)[C] extends "bigint" ? number : string | null };

const toCart = (row: CartRow): CartState => ({
  id: row.id as string,
  status: row.status as Cart["status"],
  currency: row.currency as string,
  customerId: row.customer_id,
  country: row.country,
  postalCode: row.postal_code,
  shippingMethod: row.shipping_method as Cart["shippingMethod"],
  email: row.email,
  couponCode: row.coupon_code,
  lines: JSON.parse(row.lines as string) as Line[],
  mergedInto: row.merged_into,
  calls: row.last_call?.split(" ") ?? [],
  version: row.version,
  expiresAt: row.expires_at,
  createdAt: row.created_at as string,
  updatedAt: row.updated_at as string,
});

const toRow = (cart: CartState): CartRow => ({
  id: cart.id,
  status: cart.status,
  currency: cart.currency,
  customer_id: cart.customerId,
  country: cart.country,
  postal_code: cart.postalCode,
  shipping_method: cart.shippingMethod,
  email: cart.email,
  coupon_code: cart.couponCode,
  lines: JSON.stringify(cart.lines),
  merged_into: cart.mergedInto,
  last_call: cart.calls.join(" ") || null,
  version: cart.version,
  expires_at: cart.expiresAt,
  created_at: cart.createdAt,
  updated_at: cart.updatedAt,
});

export async function findCart(reader: SqlReader, id: string): Promise<CartState | undefined> {
  const row = await reader.get<CartRow>(sql`select * from carts where id = ${id}`);
  return row && toCart(row);
}

export async function findOpenCart(reader: SqlReader, customerId: string): Promise<CartState | undefined> {
  const row = await reader.get<CartRow>(
    sql`select * from carts where customer_id = ${customerId} and status = 'open'`,
  );
  return row && toCart(row);
}

const byId = (rows: CartRow[]): Map<string, CartState> =>
  new Map(rows.map((row) => [row.id as string, toCart(row)]));

const lockedCart = lookupOf<CartRow>("carts", "*", "id", true);

/** These carts, locked. */
export const lockCarts = async (tx: SqlTx, ids: readonly string[]): Promise<Map<string, CartState>> =>
  byId(await tx.find(lockedCart, ids));

/** The open carts of these accounts, locked, by account id. */
export async function lockOpenCarts(
  tx: SqlTx,
  customerIds: readonly string[],
): Promise<Map<string, CartState>> {
  if (customerIds.length === 0) return new Map();
  const wanted = [...new Set(customerIds)].map((id) => ({ id }));
  const rows = await tx.all<CartRow>(sql`
    select * from carts where status = 'open'
    and customer_id in (select id from (${tx.rows({ id: "text" }, wanted)}) as d) order by id ${tx.forUpdate}`);
  return new Map(rows.map((row) => [row.customer_id as string, toCart(row)]));
}

export function insertCarts(actor: CartsActor, tx: SqlTx, made: readonly CartState[]): Promise<void> {
  remember(actor, tx, made);
  return tx.insert("carts", carts, made.map(toRow));
}

const changing = [
  "status",
  "currency",
  "country",
  "postal_code",
  "shipping_method",
  "email",
  "coupon_code",
  "lines",
  "merged_into",
  "last_call",
  "version",
  "expires_at",
  "updated_at",
] as const;
const ofCart = updateOf("carts", carts, changing, { id: "id" });
/** `base`: the version of a cart as it was seen. */
const ofSeenCart = updateOf("carts", { ...carts, base: "bigint" }, changing, { id: "id", version: "base" });

/** Writes back what was decided in memory on locked rows. */
export function saveCarts(actor: CartsActor, tx: SqlTx, changed: readonly CartState[]): Promise<void> {
  remember(actor, tx, changed);
  return tx.change(ofCart, changed.map(toRow));
}

/** Writes what was decided on carts as they were seen, by id: each must still be so. @throws `STORE_CONFLICT` */
export function saveSeenCarts(
  actor: CartsActor,
  tx: SqlTx,
  changed: readonly CartState[],
  seen: ReadonlyMap<string, CartState>,
): Promise<void> {
  remember(actor, tx, changed);
  const rows = changed.map((cart) => ({ ...toRow(cart), base: seen.get(cart.id)?.version ?? 0 }));
  return tx.change(ofSeenCart, rows, () => storeError("STORE_CONFLICT"));
}
