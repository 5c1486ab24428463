import { randomInt } from "node:crypto";
import { sql } from "../../mixins/sql.ts";
import type { Outcome, SqlTx } from "../../mixins/sql.types.ts";
import type { Sent } from "./webhooks.send.ts";
import { attempts, type DeliveryRow, type EndpointRow } from "./webhooks.tables.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
/** Milliseconds between one try and the next: about three days in all. */
export const pauses: readonly number[] = [
  250,
  second,
  5 * second,
  30 * second,
  2 * minute,
  10 * minute,
  30 * minute,
  hour,
  2 * hour,
  4 * hour,
  8 * hour,
  12 * hour,
  12 * hour,
  12 * hour,
  12 * hour,
  8 * hour,
];
/** An endpoint that failed for so long, without one success, is switched off. */
const patience = 3 * 24 * hour;

/** A try that has ended, and what was sent. */
export interface Tried {
  delivery: DeliveryRow;
  endpoint: EndpointRow;
  headers: Readonly<Record<string, string>>;
  sent: Sent;
}

/** Milliseconds until the next try after so many; undefined: that was the last. */
export function pauseAfter(tries: number, random = randomInt(1000) / 1000): number | undefined {
  const pause = pauses[tries - 1];
  return pause === undefined ? undefined : Math.round(pause * (0.8 + random * 0.4));
}

interface Moment {
  now: number;
  at: string;
}

function settled({ delivery, sent }: Tried, { now, at }: Moment) {
  const { id, attempts: before } = delivery;
  const tries = before + 1;
  const pause = sent.error === null || sent.status === 410 ? undefined : pauseAfter(tries);
  const status = sent.error === null ? "delivered" : pause === undefined ? "failed" : "pending";
  const due = pause === undefined ? 0 : now + pause;
  const deliveredAt = sent.error === null ? at : null;
  return { id, before, status, tries, due, last: sent.status, error: sent.error, delivered_at: deliveredAt };
}

/** Why an endpoint is to be switched off after this try. */
function endOf({ endpoint, sent }: Tried, now: number): "gone" | "failing" | undefined {
  if (sent.error === null) return undefined;
  if (sent.status === 410) return "gone";
  const { failing_since } = endpoint;
  return failing_since !== null && now - Date.parse(failing_since) > patience ? "failing" : undefined;
}

const settledColumns = {
  id: "text",
  before: "bigint",
  status: "text",
  tries: "bigint",
  due: "bigint",
  last: "bigint",
  error: "text",
  delivered_at: "text",
} as const;

/** Notes how tries ended, all in a few statements; a delivery that was asked for again meanwhile stays due. */
export async function settle(tx: SqlTx, items: readonly Tried[], moment: Moment): Promise<Outcome<null>[]> {
  const rows = items.map((item) => settled(item, moment));
  await tx.run(sql`
    update deliveries set status = d.status, attempts = d.tries, due = d.due, last_status = d.last,
      last_error = d.error, delivered_at = d.delivered_at
    from (${tx.rows(settledColumns, rows)}) d
    where deliveries.id = d.id and deliveries.attempts = d.before and deliveries.status = 'pending'`);
  await tx.insert(
    "attempts",
    attempts,
    items.map(({ delivery, endpoint, headers, sent: { status, answer, error, milliseconds } }) => ({
      delivery_id: delivery.id,
      at: moment.at,
      url: endpoint.url,
      headers: JSON.stringify(headers),
      status,
      answer,
      error,
      milliseconds,
    })),
  );
  await noteHealth(tx, items, moment);
  return items.map(() => ({ ok: null }));
}

async function noteHealth(tx: SqlTx, items: readonly Tried[], { now, at }: Moment): Promise<void> {
  const last = new Map(items.map((item) => [item.endpoint.id, item]));
  for (const [id, item] of last) {
    const { failing_since } = item.endpoint;
    if (item.sent.error === null && failing_since !== null)
      await tx.run(sql`update endpoints set failing_since = null where id = ${id}`);
    if (item.sent.error !== null && failing_since === null)
      await tx.run(
        sql`update endpoints set failing_since = ${at} where id = ${id} and failing_since is null`,
      );
  }
  for (const item of items) {
    const reason = endOf(item, now);
    if (reason !== undefined) await switchOff(tx, item.endpoint, reason);
  }
}

/** Ends what is still to be sent to an endpoint. */
export const endDeliveries = (tx: SqlTx, endpointId: string): Promise<number> =>
  tx.run(sql`
    update deliveries set status = 'failed', due = 0, last_error = coalesce(last_error, 'the endpoint was switched off')
    where endpoint_id = ${endpointId} and status = 'pending'`);

async function switchOff(
  tx: SqlTx,
  { id, url, contact }: EndpointRow,
  reason: "gone" | "failing",
): Promise<void> {
  const off = await tx.get<{ version: number }>(sql`
    update endpoints set enabled = 0, disabled_reason = ${reason}, version = version + 1
    where id = ${id} and enabled = 1 returning version`);
  if (off === undefined) return;
  await endDeliveries(tx, id);
  tx.publish(
    "webhooks.endpointDisabled",
    { entity: id, version: off.version },
    { id, url, reason, email: contact },
  );
  tx.audit({
    action: "webhooks.switchOff",
    entity: "webhookEndpoint",
    entityId: id,
    after: { enabled: false, reason },
    meta: {},
  });
}
