import type { Handler } from "../../contract/implement.ts";
import { decodeCursor, encodeCursor } from "../../mixins/cursor.ts";
import { and, raw, sql, type Sql } from "../../mixins/sql.ts";
import type { OrdersActor } from "./orders.actor.ts";
import type contract from "./orders.contract.ts";
import { toReturn, toSummary, type OrderRow, type ReturnRow } from "./orders.model.ts";
import { utc } from "./orders.time.ts";

interface Page<T> {
  data: T[];
  page: { next: string | null };
}

const pageOf = <R, T>(
  rows: R[],
  limit: number,
  to: (row: R) => T,
  at: (row: R) => (string | number)[],
): Page<T> => {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    data: shown.map(to),
    page: { next: rows.length > limit && last !== undefined ? encodeCursor(at(last)) : null },
  };
};

/** Ids are UUIDv7: their order is the order of placing. */
const before = (cursor: string | undefined): Sql[] =>
  cursor === undefined ? [] : [sql`id < ${decodeCursor(cursor, ["string"])[0]}`];

export const mine: Handler<typeof contract, "mine", OrdersActor> = async function (ctx) {
  const { limit = 20, cursor } = ctx.params;
  const conditions = [sql`customer_id = ${ctx.meta.caller?.id ?? ""}`, ...before(cursor)];
  const rows = await this.store.read.all<OrderRow>(
    sql`select * from orders where ${and(conditions)} order by id desc limit ${limit + 1}`,
  );
  return pageOf(rows, limit, toSummary, (row) => [row.id]);
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
  const falling = sort.startsWith("-");
  const byTotal = sort.endsWith("total");
  const conditions = filters(ctx.params);
  if (cursor !== undefined && byTotal) {
    const [total, id] = decodeCursor(cursor, ["integer", "string"]);
    conditions.push(falling ? sql`(total, id) < (${total}, ${id})` : sql`(total, id) > (${total}, ${id})`);
  } else if (cursor !== undefined) {
    const [id] = decodeCursor(cursor, ["string"]);
    conditions.push(falling ? sql`id < ${id}` : sql`id > ${id}`);
  }
  const direction = falling ? "desc" : "asc";
  const order = raw(byTotal ? `total ${direction}, id ${direction}` : `id ${direction}`);
  const rows = await this.store.read.all<OrderRow>(
    sql`select * from orders where ${and(conditions)} order by ${order} limit ${limit + 1}`,
  );
  return pageOf(rows, limit, toSummary, (row) => (byTotal ? [row.total, row.id] : [row.id]));
};

export const listReturns: Handler<typeof contract, "returns", OrdersActor> = async function (ctx) {
  const { limit = 20, cursor, status } = ctx.params;
  const conditions = [...before(cursor), ...(status === undefined ? [] : [sql`status = ${status}`])];
  const rows = await this.store.read.all<ReturnRow>(
    sql`select * from returns where ${and(conditions)} order by id desc limit ${limit + 1}`,
  );
  return pageOf(rows, limit, toReturn, (row) => [row.id]);
};
