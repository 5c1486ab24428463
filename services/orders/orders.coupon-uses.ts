import { sql } from "../../mixins/sql.ts";
import type { SqlReader, SqlTx, Table } from "../../mixins/sql.types.ts";
import type { OrdersActor } from "./orders.actor.ts";
import { couponNotApplicable } from "./orders.errors.ts";
import type { Discount } from "./orders.totals.ts";

export interface CouponRow {
  code: string;
  kind: Discount["kind"];
  value: number;
  currency: string | null;
  max_uses: number | null;
  max_uses_per_customer: number | null;
  valid_from: string | null;
  valid_until: string | null;
  uses: number;
  active: number;
  version: number;
}

const coupon_uses = { order_id: "text", code: "text", customer: "text" } as const satisfies Table;

/** Codes are compared without case. */
export const normalCode = (code: string): string => code.toUpperCase();

export const findCoupon = (reader: SqlReader, code: string): Promise<CouponRow | undefined> =>
  reader.get<CouponRow>(sql`select * from coupons where code = ${normalCode(code)}`);

/** Why a coupon does not apply, in words for the shopper; undefined when it does. */
export function refusalOf(
  coupon: CouponRow | undefined,
  at: { now: string; currency: string; usesOfCustomer: number },
): string | undefined {
  if (!coupon || coupon.active === 0) return "There is no such coupon.";
  if (coupon.valid_from !== null && at.now < coupon.valid_from) return "This coupon is not valid yet.";
  if (coupon.valid_until !== null && at.now >= coupon.valid_until) return "This coupon has expired.";
  if (coupon.kind === "amount" && coupon.currency !== at.currency)
    return `This coupon is for ${coupon.currency ?? "another currency"} only.`;
  if (coupon.max_uses !== null && coupon.uses >= coupon.max_uses) return "This coupon has been used up.";
  if (coupon.max_uses_per_customer !== null && at.usesOfCustomer >= coupon.max_uses_per_customer)
    return "You have used this coupon as often as it allows.";
  return undefined;
}

/** How often this customer has used a coupon. */
export async function usesOf(reader: SqlReader, code: string, customer: string): Promise<number> {
  const row = await reader.get<{ n: number }>(
    sql`select count(*) as n from coupon_uses where code = ${normalCode(code)} and customer = ${customer}`,
  );
  return row?.n ?? 0;
}

interface Claim {
  order: { id: string; couponCode: string | null; currency: string };
  customer: string;
}

/** Locks the coupons of a batch in the order of their codes; `claim` counts one use or says why not, `save` writes them. */
export async function takeCoupons(actor: OrdersActor, tx: SqlTx, items: readonly Claim[]) {
  const wanted = [
    ...new Set(items.flatMap(({ order }) => (order.couponCode === null ? [] : [order.couponCode]))),
  ].sort();
  const codes = wanted.map((code) => ({ code }));
  const locked =
    codes.length === 0
      ? []
      : await tx.all<CouponRow>(sql`
          select * from coupons where code in (select code from (${tx.rows({ code: "text" }, codes)}) as d)
          order by code ${tx.forUpdate}`);
  const used =
    codes.length === 0
      ? []
      : await tx.all<{ code: string; customer: string; n: number }>(sql`
          select u.code, u.customer, count(*) as n from coupon_uses u
          join (${tx.rows({ code: "text", customer: "text" }, distinctUses(items))}) as d on u.code = d.code and u.customer = d.customer
          group by u.code, u.customer`);
  const rows = new Map(locked.map((row) => [row.code, row]));
  const counts = new Map(used.map((row) => [`${row.code}\n${row.customer}`, row.n]));
  const uses: { order_id: string; code: string; customer: string }[] = [];
  const now = actor.timestamp();
  return {
    claim({ order, customer }: Claim): Error | undefined {
      if (order.couponCode === null) return undefined;
      const row = rows.get(order.couponCode);
      const mine = `${order.couponCode}\n${customer}`;
      const reason = refusalOf(row, { now, currency: order.currency, usesOfCustomer: counts.get(mine) ?? 0 });
      if (reason !== undefined || !row) return couponNotApplicable(reason ?? "There is no such coupon.");
      row.uses += 1;
      counts.set(mine, (counts.get(mine) ?? 0) + 1);
      uses.push({ order_id: order.id, code: row.code, customer });
      return undefined;
    },
    async save(): Promise<void> {
      if (uses.length === 0) return;
      await tx.insert("coupon_uses", coupon_uses, uses);
      await saveUses(tx, [...rows.values()]);
    },
  };
}

const distinctUses = (items: readonly Claim[]) => [
  ...new Map(
    items.flatMap(({ order, customer }) =>
      order.couponCode === null
        ? []
        : [[`${order.couponCode}\n${customer}`, { code: order.couponCode, customer }] as const],
    ),
  ).values(),
];

const saveUses = (tx: SqlTx, rows: readonly CouponRow[]): Promise<number> =>
  tx.run(sql`
    update coupons set uses = d.uses
    from (${tx.rows(
      { code: "text", uses: "bigint" },
      rows.map(({ code, uses }) => ({ code, uses })),
    )}) as d
    where coupons.code = d.code`);

/** Gives the uses of orders that came to nothing back. */
export async function giveBackCoupons(tx: SqlTx, orderIds: readonly string[]): Promise<void> {
  const ids = orderIds.map((id) => ({ id }));
  const gone = await tx.all<{ code: string }>(sql`
    delete from coupon_uses where order_id in (select id from (${tx.rows({ id: "text" }, ids)}) as d) returning code`);
  for (const code of gone.map((row) => row.code).sort())
    await tx.run(sql`update coupons set uses = uses - 1 where code = ${code} and uses > 0`);
}
