import type { Delivery } from "../../contract/actor-actions.ts";
import type { Handler } from "../../contract/implement.ts";
import { sql } from "../../mixins/sql.ts";
import type { SqlReader, SqlTx } from "../../mixins/sql.types.ts";
import type { WebhooksActor } from "./webhooks.actor.ts";
import type contract from "./webhooks.contract.ts";
import type { FeedEvent } from "./webhooks.contract.ts";
import { eventsExpired, typeUnknown } from "./webhooks.errors.ts";
import { choices, typesOf } from "./webhooks.events.ts";
import {
  columnsOf,
  deliveries,
  feed,
  type DeliveryRow,
  type EndpointRow,
  type FeedRow,
} from "./webhooks.tables.ts";

const pageSize = 50;
/** Places of the feed that one page of chosen types looks at, so that a rare type costs no scan of a month. */
const windowSize = 10_000;

const columns = columnsOf(feed);

/** The body of a webhook and of a message of the stream. */
export const bodyOf = (row: FeedRow): string =>
  `{"id":${JSON.stringify(row.id)},"sequence":${row.seq},"type":${JSON.stringify(row.type)},"entity":${JSON.stringify(row.entity)},"version":${row.version},"timestamp":${JSON.stringify(row.at)},"data":${row.data}}`;

const toEvent = (row: FeedRow): FeedEvent => ({
  id: row.id,
  sequence: row.seq,
  type: row.type,
  entity: row.entity,
  version: row.version,
  timestamp: row.at,
  data: JSON.parse(row.data) as unknown,
});

/** The one place where sequences are made: the row lock is held until the commit, so they become visible in order. */
async function nextSequences(tx: SqlTx, count: number): Promise<number> {
  const head = await tx.get<{ last: number }>(
    sql`update feed_head set last = last + ${count} where id = 1 returning last`,
  );
  return (head as { last: number }).last - count + 1;
}

/** Appends events to the feed and writes a delivery for each endpoint that wants it, all in a few statements. */
export async function append(actor: WebhooksActor, tx: SqlTx, events: readonly Delivery[]): Promise<void> {
  const first = await nextSequences(tx, events.length);
  const now = actor.clock.now();
  const rows = events.map(({ id, type, entity, version, at, payload }, i): FeedRow => ({
    seq: first + i,
    id,
    type,
    entity,
    version,
    at,
    added_at: now,
    data: JSON.stringify(payload),
  }));
  await tx.insert("feed", feed, rows);
  const wanting = await tx.all<Pick<EndpointRow, "id" | "types">>(
    sql`select id, types from endpoints where enabled = 1`,
  );
  const due = wanting.flatMap(({ id, types }) => {
    const chosen = typesOf(JSON.parse(types) as string[]);
    return rows.flatMap((row, i) =>
      (chosen?.has(row.type) ?? true) ? [deliveryOf(actor, id, row, null, events[i]?.trace)] : [],
    );
  });
  await tx.insert("deliveries", deliveries, due);
}

/** A delivery of an event that is due at once. */
export const deliveryOf = (
  actor: WebhooksActor,
  endpointId: string,
  { id, seq, type, entity }: Pick<FeedRow, "id" | "type" | "entity"> & { seq: number | null },
  body: string | null = null,
  trace?: string,
): DeliveryRow => ({
  id: actor.newId(),
  endpoint_id: endpointId,
  event_id: id,
  seq,
  type,
  entity,
  status: "pending",
  attempts: 0,
  due: actor.clock.now(),
  last_status: null,
  last_error: null,
  created_at: actor.timestamp(),
  delivered_at: null,
  body,
  trace: trace ?? null,
});

/** Which types a query asks for; undefined: all. */
export function chosenTypes(types: string | undefined): ReadonlySet<string> | undefined {
  if (types === undefined) return undefined;
  const words = types.split(",");
  const unknown = words.filter((word) => !(choices as readonly string[]).includes(word));
  if (unknown.length > 0) throw typeUnknown(unknown);
  return typesOf(words);
}

export const headOf = async (reader: SqlReader): Promise<number> =>
  (await reader.get<{ last: number }>(sql`select last from feed_head where id = 1`))?.last ?? 0;

/** Refuses a place whose next event is gone: a gap must not go unnoticed. */
export async function checkKept(reader: SqlReader, after: number): Promise<void> {
  const [oldest, head] = [
    await reader.get<{ seq: number | null }>(sql`select min(seq) as seq from feed`),
    await headOf(reader),
  ];
  const first = oldest?.seq ?? head + 1;
  if (after < first - 1) throw eventsExpired(first);
}

export interface Part {
  rows: FeedRow[];
  /** The last place that was looked at. */
  scanned: number;
}

/** The next events after a place, of these types. */
export async function readAfter(
  reader: SqlReader,
  after: number,
  types: ReadonlySet<string> | undefined,
  limit: number,
): Promise<Part> {
  if (types === undefined) {
    const rows = await reader.all<FeedRow>(
      sql`select ${columns} from feed where seq > ${after} order by seq limit ${limit}`,
    );
    return { rows, scanned: rows.at(-1)?.seq ?? after };
  }
  const end = Math.min(after + windowSize, Math.max(after, await headOf(reader)));
  const wanted = reader.rows(
    { type: "text" },
    [...types].map((type) => ({ type })),
  );
  const rows = await reader.all<FeedRow>(sql`
    select ${columns} from feed where seq > ${after} and seq <= ${end} and type in (select type from (${wanted}) d)
    order by seq limit ${limit}`);
  return { rows, scanned: rows.length < limit ? end : (rows.at(-1) as FeedRow).seq };
}

export const events: Handler<typeof contract, "events", WebhooksActor> = async function (ctx) {
  const { after, limit = pageSize } = ctx.params;
  const types = chosenTypes(ctx.params.types);
  const { read } = this.store;
  if (after !== undefined && after > 0) await checkKept(read, after);
  const from = after || (await firstPlace(read));
  const { rows, scanned } = await readAfter(read, from, types, limit);
  const more = scanned < (await headOf(read));
  return { data: rows.map(toEvent), page: { next: more ? String(scanned) : null } };
};

/** The place before the oldest event that is kept. */
async function firstPlace(reader: SqlReader): Promise<number> {
  const oldest = await reader.get<{ seq: number | null }>(sql`select min(seq) as seq from feed`);
  return (oldest?.seq ?? 1) - 1;
}
