import { sql } from "../../mixins/sql.ts";
import type { SqlTx } from "../../mixins/sql.types.ts";

/** Coupons and order numbers stay. */
export const wiped = [
  "sagas",
  "answers",
  "keys",
  "refunds",
  "returns",
  "order_events",
  "order_lines",
  "orders",
  "coupon_uses",
  "daily",
  "daily_skus",
] as const;

export const freeCoupons = (tx: SqlTx): Promise<number> =>
  tx.run(sql`update coupons set uses = 0 where uses > 0`);
