import type { Ctx, Handler } from "../../contract/implement.ts";
import { decodeCursor, encodeCursor } from "../../mixins/cursor.ts";
import { and, sql, type Sql } from "../../mixins/sql.ts";
import type { SqlReader, SqlTx } from "../../mixins/sql.types.ts";
import type { WebhooksActor } from "./webhooks.actor.ts";
import type contract from "./webhooks.contract.ts";
import type { FeedEvent, WebhookAttempt, WebhookDelivery } from "./webhooks.contract.ts";
import { findEndpoint } from "./webhooks.endpoints.ts";
import { deliveryNotFound, endpointDisabled } from "./webhooks.errors.ts";
import { testType, typesOf } from "./webhooks.events.ts";
import { bodyOf, deliveryOf } from "./webhooks.feed.ts";
import {
  attempts,
  columnsOf,
  deliveries as table,
  feed,
  type AttemptRow,
  type DeliveryRow,
  type EndpointRow,
  type FeedRow,
} from "./webhooks.tables.ts";

const pageSize = 20;
/** Tries that one delivery shows. */
const shownTries = 20;
/** Deliveries of one replay. */
const replaySize = 10_000;

const columns = columnsOf(table);

const toDelivery = (row: DeliveryRow): WebhookDelivery => ({
  id: row.id,
  endpointId: row.endpoint_id,
  eventId: row.event_id,
  sequence: row.seq,
  type: row.type,
  entity: row.entity,
  status: row.status,
  attempts: row.attempts,
  lastStatus: row.last_status,
  lastError: row.last_error,
  createdAt: row.created_at,
  nextAttemptAt: row.status === "pending" ? new Date(row.due).toISOString() : null,
  deliveredAt: row.delivered_at,
});

const toAttempt = ({ delivery_id: _, headers, ...row }: AttemptRow): WebhookAttempt => ({
  ...row,
  headers: JSON.parse(headers) as Record<string, string>,
});

async function findDelivery(reader: SqlReader, id: string, deliveryId: string): Promise<DeliveryRow> {
  await findEndpoint(reader, id);
  const row = await reader.get<DeliveryRow>(
    sql`select ${columns} from deliveries where id = ${deliveryId} and endpoint_id = ${id}`,
  );
  if (!row) throw deliveryNotFound();
  return row;
}

async function enabledEndpoint(tx: SqlTx, id: string): Promise<EndpointRow> {
  const row = await findEndpoint(tx, id);
  if (row.enabled === 0) throw endpointDisabled();
  return row;
}

function audit(tx: SqlTx, ctx: Ctx, action: string, id: string, after?: unknown): void {
  const entry = { action: `webhooks.${action}`, entity: "webhookEndpoint", entityId: id, meta: ctx.meta };
  tx.audit(after === undefined ? entry : { ...entry, after });
}

export const deliveries: Handler<typeof contract, "deliveries", WebhooksActor> = async function (ctx) {
  const { id, limit = pageSize, cursor, status } = ctx.params;
  await findEndpoint(this.store.read, id);
  const conditions: Sql[] = [sql`endpoint_id = ${id}`];
  if (status !== undefined) conditions.push(sql`status = ${status}`);
  if (cursor !== undefined) conditions.push(sql`id < ${decodeCursor(cursor, ["string"])[0]}`);
  const rows = await this.store.read.all<DeliveryRow>(
    sql`select ${columns} from deliveries where ${and(conditions)} order by id desc limit ${limit + 1}`,
  );
  const data = rows.slice(0, limit).map(toDelivery);
  const last = data.at(-1);
  return { data, page: { next: rows.length > limit && last ? encodeCursor([last.id]) : null } };
};

async function eventOf(reader: SqlReader, { seq, body }: DeliveryRow): Promise<FeedEvent | null> {
  if (seq === null) return body === null ? null : (JSON.parse(body) as FeedEvent);
  const row = await reader.get<FeedRow>(sql`select ${columnsOf(feed)} from feed where seq = ${seq}`);
  return row ? (JSON.parse(bodyOf(row)) as FeedEvent) : null;
}

export const delivery: Handler<typeof contract, "delivery", WebhooksActor> = async function (ctx) {
  const { read } = this.store;
  const row = await findDelivery(read, ctx.params.id, ctx.params.deliveryId);
  const tries = await read.all<AttemptRow>(sql`
    select ${columnsOf(attempts)} from attempts where delivery_id = ${row.id} order by at desc limit ${shownTries}`);
  return { ...toDelivery(row), body: await eventOf(read, row), log: tries.reverse().map(toAttempt) };
};

export const testEndpoint: Handler<typeof contract, "testEndpoint", WebhooksActor> = async function (ctx) {
  const { id } = ctx.params;
  const eventId = this.newId();
  const event: FeedRow = {
    seq: 0,
    id: eventId,
    type: testType,
    entity: id,
    version: 1,
    at: this.timestamp(),
    added_at: 0,
    data: JSON.stringify({ message: "This is a test." }),
  };
  const row = deliveryOf(this, id, { ...event, seq: null }, bodyOf(event));
  await this.store.write(async (tx) => {
    await enabledEndpoint(tx, id);
    await tx.insert("deliveries", table, [row]);
    audit(tx, ctx, "testEndpoint", id);
  });
  this.dispatcher.wake();
  return toDelivery(row);
};

export const resendDelivery: Handler<typeof contract, "resendDelivery", WebhooksActor> = async function (
  ctx,
) {
  const { id, deliveryId } = ctx.params;
  const row = await this.store.write(async (tx) => {
    await enabledEndpoint(tx, id);
    await findDelivery(tx, id, deliveryId);
    await tx.run(sql`
      update deliveries set status = 'pending', attempts = 0, due = ${this.clock.now()}, delivered_at = null
      where id = ${deliveryId}`);
    audit(tx, ctx, "resendDelivery", id, { delivery: deliveryId });
    return findDelivery(tx, id, deliveryId);
  });
  this.dispatcher.wake();
  return toDelivery(row);
};

/** The first events since a time that the endpoint chose; the place in the feed is found by the time it was added. */
async function chosenSince(tx: SqlTx, { types }: EndpointRow, since: number): Promise<FeedRow[]> {
  const chosen = typesOf(JSON.parse(types) as string[]);
  const only =
    chosen === undefined
      ? sql``
      : sql` and type in (select type from (${tx.rows(
          { type: "text" },
          [...chosen].map((type) => ({ type })),
        )}) d)`;
  return tx.all<FeedRow>(sql`
    select seq, id, type, entity, version, at, added_at, '' as data from feed
    where added_at >= ${since}${only} order by seq limit ${replaySize + 1}`);
}

export const replay: Handler<typeof contract, "replay", WebhooksActor> = async function (ctx) {
  const { id, since } = ctx.params;
  const now = this.clock.now();
  const answer = await this.store.write(async (tx) => {
    const row = await enabledEndpoint(tx, id);
    const found = await chosenSince(tx, row, Date.parse(since));
    const rows = found.slice(0, replaySize);
    await queueAgain(this, tx, id, rows, now);
    const rest = found[replaySize];
    const next = rest === undefined ? null : new Date(rest.added_at).toISOString();
    audit(tx, ctx, "replay", id, { since, queued: rows.length });
    return { queued: rows.length, next };
  });
  this.dispatcher.wake();
  return answer;
};

async function queueAgain(
  actor: WebhooksActor,
  tx: SqlTx,
  endpointId: string,
  rows: readonly FeedRow[],
  now: number,
): Promise<void> {
  if (rows.length === 0) return;
  const seqs = tx.rows(
    { seq: "bigint" },
    rows.map(({ seq }) => ({ seq })),
  );
  const known = await tx.all<{ seq: number }>(sql`
    update deliveries set status = 'pending', attempts = 0, due = ${now}, delivered_at = null
    where endpoint_id = ${endpointId} and seq in (select seq from (${seqs}) d) returning seq`);
  const before = new Set(known.map(({ seq }) => seq));
  const fresh = rows.filter(({ seq }) => !before.has(seq)).map((row) => deliveryOf(actor, endpointId, row));
  await tx.insert("deliveries", table, fresh);
}
