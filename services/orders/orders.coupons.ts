import { versionMismatch } from "../../contract/errors.ts";
import type { Handler } from "../../contract/implement.ts";
import { keyset, pageOf, parseSort } from "../../mixins/keyset.ts";
import { and, sql } from "../../mixins/sql.ts";
import type { Table } from "../../mixins/sql.types.ts";
import type { OrdersActor } from "./orders.actor.ts";
import type contract from "./orders.contract.ts";
import { findCoupon, normalCode, type CouponRow } from "./orders.coupon-uses.ts";
import { couponExists, couponInvalid, couponNotFound } from "./orders.errors.ts";
import type { Coupon } from "./orders.shapes.ts";
import { utc } from "./orders.time.ts";

const table = {
  code: "text",
  kind: "text",
  value: "bigint",
  currency: "text",
  max_uses: "bigint",
  max_uses_per_customer: "bigint",
  valid_from: "text",
  valid_until: "text",
  uses: "bigint",
  active: "bigint",
  created_at: "text",
  version: "bigint",
} as const satisfies Table;

const toCoupon = (row: CouponRow): Coupon => ({
  code: row.code,
  kind: row.kind,
  value: row.value,
  currency: row.currency,
  maxUses: row.max_uses,
  maxUsesPerCustomer: row.max_uses_per_customer,
  validFrom: row.valid_from,
  validUntil: row.valid_until,
  uses: row.uses,
  active: row.active === 1,
  version: row.version,
});

const bound = (time: string | null | undefined, pointer: string): string | null =>
  time == null ? null : utc(time, pointer);

type Body = Parameters<Handler<typeof contract, "createCoupon", OrdersActor>>[0]["params"];

function assertSound({ kind, value, currency }: Body): void {
  if (kind === "percent" && (value < 1 || value > 100))
    throw couponInvalid("/value", "A percentage is 1 to 100.");
  if (kind === "amount" && value < 1) throw couponInvalid("/value", "An amount is above 0.");
  if (kind === "amount" && currency === undefined)
    throw couponInvalid("/currency", "An amount needs its currency.");
}

export const createCoupon: Handler<typeof contract, "createCoupon", OrdersActor> = function (ctx) {
  assertSound(ctx.params);
  const {
    kind,
    value,
    currency = null,
    maxUses = null,
    maxUsesPerCustomer = null,
    validFrom,
    validUntil,
  } = ctx.params;
  const row: CouponRow = {
    code: normalCode(ctx.params.code),
    kind,
    value: kind === "free_shipping" ? 0 : value,
    currency: kind === "amount" ? currency : null,
    max_uses: maxUses,
    max_uses_per_customer: maxUsesPerCustomer,
    valid_from: bound(validFrom, "/validFrom"),
    valid_until: bound(validUntil, "/validUntil"),
    uses: 0,
    active: 1,
    version: 1,
  };
  return this.store.writeOnce(ctx, async (tx) => {
    if (await findCoupon(tx, row.code)) throw couponExists();
    await tx.insert("coupons", table, [{ ...row, created_at: this.timestamp() }]);
    const coupon = toCoupon(row);
    tx.audit({
      action: "orders.createCoupon",
      entity: "coupon",
      entityId: row.code,
      after: coupon,
      meta: ctx.meta,
    });
    return coupon;
  });
};

export const updateCoupon: Handler<typeof contract, "updateCoupon", OrdersActor> = function (ctx) {
  const { code, maxUses, maxUsesPerCustomer, validFrom, validUntil, active } = ctx.params;
  return this.store.writeOnce(ctx, async (tx) => {
    const before = await tx.get<CouponRow>(
      sql`select * from coupons where code = ${normalCode(code)} ${tx.forUpdate}`,
    );
    if (!before) throw couponNotFound();
    if (ctx.meta.ifMatch !== undefined && ctx.meta.ifMatch !== before.version) throw versionMismatch();
    const after: CouponRow = {
      ...before,
      max_uses: maxUses === undefined ? before.max_uses : maxUses,
      max_uses_per_customer:
        maxUsesPerCustomer === undefined ? before.max_uses_per_customer : maxUsesPerCustomer,
      valid_from: validFrom === undefined ? before.valid_from : bound(validFrom, "/validFrom"),
      valid_until: validUntil === undefined ? before.valid_until : bound(validUntil, "/validUntil"),
      active: active === undefined ? before.active : Number(active),
      version: before.version + 1,
    };
    if (after.max_uses !== null && after.max_uses < before.uses)
      throw couponInvalid("/maxUses", `It was used ${before.uses} times already.`);
    await tx.run(sql`
      update coupons set max_uses = ${after.max_uses}, max_uses_per_customer = ${after.max_uses_per_customer}, valid_from = ${after.valid_from},
        valid_until = ${after.valid_until}, active = ${after.active}, version = ${after.version}
      where code = ${after.code}`);
    tx.audit({
      action: "orders.updateCoupon",
      entity: "coupon",
      entityId: after.code,
      before: toCoupon(before),
      after: toCoupon(after),
      meta: ctx.meta,
    });
    return toCoupon(after);
  });
};

export const coupons: Handler<typeof contract, "coupons", OrdersActor> = async function (ctx) {
  const { limit = 20, cursor, sort = "-createdAt" } = ctx.params;
  const { name, falling } = parseSort(sort);
  const by = { columns: name === "code" ? ["code"] : ["created_at", "code"], falling };
  const { conditions, order } = keyset(by, cursor);
  const rows = await this.store.read.all<CouponRow & { created_at: string }>(sql`
    select * from coupons where ${and(conditions)} order by ${order} limit ${limit + 1}`);
  return pageOf(rows, limit, by, toCoupon);
};
