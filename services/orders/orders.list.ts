import type { Handler } from "../../contract/implement.ts";
import { keyset, pageOf, parseSort, type Order } from "../../mixins/keyset.ts";
import { and, sql, type Sql } from "../../mixins/sql.ts";
import type { OrdersActor } from "./orders.actor.ts";
import type contract from "./orders.contract.ts";
import { toReturn, toSummary, type OrderRow, type ReturnRow } from "./orders.model.ts";
import { utc } from "./orders.time.ts";

/** Ids are UUIDv7: their order is the order of placing. */
const newest = { columns: ["id"], falling: true };

export const mine: Handler<typeof contract, "mine", OrdersActor> = async function (ctx) {
  const { limit = 20, cursor } = ctx.params;
  const { conditions, order } = keyset(newest, cursor);
  conditions.push(sql`customer_id = ${ctx.meta.caller?.id ?? ""}`);
  const rows = await this.store.read.all<OrderRow>(
    sql`select * from orders where ${and(conditions)} order by ${order} limit ${limit + 1}`,
  );
  return pageOf(rows, limit, newest, toSummary);
};

type ListParams = Parameters<Handler<typeof contract, "list", OrdersActor>>[0]["params"];

function filters(params: ListParams): Sql[] {
  const { status, number, email, customerId, from, to } = params;
  return [
    ...(status === undefined ? [] : [sql`status = ${status}`]),
    ...(number === undefined ? [] : [sql`number = ${number}`]),
    ...(email === undefined ? [] : [sql`email = ${email}`]),
    ...(customerId === undefined ? [] : [sql`customer_id = ${customerId}`]),
    ...(from === undefined ? [] : [sql`placed_at >= ${utc(from, "/from")}`]),
    ...(to === undefined ? [] : [sql`placed_at < ${utc(to, "/to")}`]),
  ];
}

export const list: Handler<typeof contract, "list", OrdersActor> = async function (ctx) {
  const { limit = 20, cursor, sort = "-placedAt" } = ctx.params;
  const { name, falling } = parseSort(sort);
  const by: Order =
    name === "total"
      ? { columns: ["total", "id"], kinds: ["integer", "string"], falling }
      : { columns: ["id"], falling };
  const { conditions, order } = keyset(by, cursor);
  const rows = await this.store.read.all<OrderRow>(sql`
    select * from orders where ${and([...filters(ctx.params), ...conditions])} order by ${order} limit ${limit + 1}`);
  return pageOf(rows, limit, by, toSummary);
};

export const listReturns: Handler<typeof contract, "returns", OrdersActor> = async function (ctx) {
  const { limit = 20, cursor, status, sort = "-requestedAt" } = ctx.params;
  const by = { columns: ["id"], falling: parseSort(sort).falling };
  const { conditions, order } = keyset(by, cursor);
  if (status !== undefined) conditions.push(sql`status = ${status}`);
  const rows = await this.store.read.all<ReturnRow>(
    sql`select * from returns where ${and(conditions)} order by ${order} limit ${limit + 1}`,
  );
  return pageOf(rows, limit, by, toReturn);
};
