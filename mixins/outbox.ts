import { deleteOf, updateOf } from "./row-change.ts";
import { sql, type Sql } from "./sql.ts";
import type { SqlSession } from "./sql-session.ts";
import type { AuditEntry, Table } from "./sql.types.ts";

/** What a scope wants told, kept in memory until its transaction is about to commit. */
export type Pending =
  | { kind: "event"; type: string; entity: string; version: number; payload: unknown; trace?: string }
  | { kind: "audit"; entry: AuditEntry; trace?: string };

/** A delivery as its row has it. */
export interface DueRow {
  seq: number;
  id: string;
  type: string;
  entity: string;
  version: number;
  at: string;
  attempts: number;
  payload: string;
  trace: string | null;
}

/** An event's payload, made anew from its JSON when the first subscriber is sent it. Nobody changes what is delivered. */
export class Payload {
  readonly text: string;
  #value: unknown;

  constructor(text: string) {
    this.text = text;
  }

  get value(): unknown {
    return (this.#value ??= JSON.parse(this.text) as unknown);
  }
}

/** One delivery that is due. */
export interface Due extends Omit<DueRow, "payload"> {
  subscriber: string;
  payload: Payload;
}

/** The deliveries of a commit by subscriber, in order; numbered (`seq`) where no other node writes the table. */
export type Told = ReadonlyMap<string, readonly Due[]>;

export const nobody: Told = new Map();

const AUDIT = "audit.entry";
const eventColumns: Table = {
  id: "text",
  type: "text",
  entity: "text",
  version: "bigint",
  at: "text",
  payload: "text",
};
const deliveryColumns = {
  subscriber: "text",
  event_id: "text",
  type: "text",
  entity: "text",
  version: "bigint",
  at: "text",
  payload: "text",
  attempts: "bigint",
  due: "bigint",
  parked: "bigint",
  trace: "text",
} as const satisfies Table;

const numbered = { seq: "bigint", ...deliveryColumns, error: "text" } as const satisfies Table;

interface Source {
  actor: string;
  newId(): string;
  timestamp(): string;
  subscribersOf(event: string): readonly string[];
}

interface Entry {
  id: string;
  type: string;
  entity: string;
  version: number;
  at: string;
  payload: string;
}

function auditEntry(entry: AuditEntry, id: string, at: string, actor: string): Entry {
  const { meta, action, entity, entityId, before = null, after = null } = entry;
  const by = meta.caller?.id ?? (meta.ip === undefined ? actor : "guest");
  const payload = JSON.stringify({
    id,
    at,
    by,
    ip: meta.ip ?? null,
    action,
    entity,
    entityId,
    before,
    after,
  });
  return { id, type: AUDIT, entity: `${entity}/${entityId}`, version: 1, at, payload };
}

const eventEntry = (
  { type, entity, version, payload }: Extract<Pending, { kind: "event" }>,
  id: string,
  at: string,
): Entry => ({ id, type, entity, version, at, payload: JSON.stringify(payload) });

const deliveryRow = ({ subscriber, id, type, entity, version, at, attempts, payload, trace }: Due) => ({
  subscriber,
  event_id: id,
  type,
  entity,
  version,
  at,
  payload: type === AUDIT ? payload.text : null,
  attempts,
  due: 0,
  parked: 0,
  trace,
});

/**
 * Writes the events to the log and one delivery per subscriber, each kind in one statement. An audit entry stands in its
 * delivery alone, not in the log that integrators read.
 */
export async function writeOutbox(
  session: SqlSession,
  pending: readonly Pending[],
  source: Source,
): Promise<Told> {
  const at = source.timestamp();
  const events: Entry[] = [];
  const deliveries: Due[] = [];
  for (const item of pending) {
    const id = source.newId();
    const entry =
      item.kind === "audit" ? auditEntry(item.entry, id, at, source.actor) : eventEntry(item, id, at);
    if (item.kind === "event") events.push(entry);
    const payload = new Payload(entry.payload);
    for (const subscriber of source.subscribersOf(entry.type))
      deliveries.push({ ...entry, subscriber, payload, seq: 0, attempts: 0, trace: item.trace ?? null });
  }
  if (events.length > 0) await session.insert("events", eventColumns, events as never);
  if (deliveries.length === 0) return nobody;
  const last = await session.insert("outbox", deliveryColumns, deliveries.map(deliveryRow));
  if (last !== undefined) deliveries.forEach((one, i) => (one.seq = last - deliveries.length + 1 + i));
  return Map.groupBy(deliveries, ({ subscriber }) => subscriber);
}

/**
 * The deliveries to `subscriber` that may go now, in order. A row whose entity has an earlier row that waits for its next
 * try, is parked or is on its way from another node stays back. Fresh rows have `due` 0, so the blocking rows are few.
 */
export const dueRows = (subscriber: string, now: number, limit: number): Sql => sql`
  select o.seq, o.event_id as id, o.type, o.entity, o.version, o.at, o.attempts, o.trace,
  coalesce(o.payload, e.payload) as payload
  from outbox o left join events e on e.id = o.event_id
  where o.subscriber = ${subscriber} and o.parked = 0 and o.due <= ${now} and not exists (
    select 1 from outbox p where p.subscriber = o.subscriber and p.entity = o.entity and p.due > 0 and p.seq < o.seq
    and (p.parked = 1 or p.due > ${now}))
  order by o.seq limit ${limit}`;

/** Deliveries that are done with, by their numbers. */
export const removal = deleteOf("outbox", numbered, { seq: "seq" });

/** When deliveries are due again. */
export const postponement = updateOf("outbox", numbered, ["due"], { seq: "seq" });

export interface FailedTry {
  seq: number;
  attempts: number;
  due: number;
  parked: number;
  error: string;
}

/** Tries that failed: when the next one is due, or that there is none. */
export const failure = updateOf("outbox", numbered, ["attempts", "due", "parked", "error"], { seq: "seq" });

/** The deliveries that were given up, oldest first. */
export const parkedRows = sql`select seq, type, subscriber, entity, attempts, error, at from outbox
  where parked = 1 order by seq limit 500`;

/** A row of this subscriber that waits for its next try or is parked. */
export const waitingRow = (subscriber: string): Sql =>
  sql`select seq from outbox where subscriber = ${subscriber} and due > 0 limit 1`;

/** Makes a parked delivery due at once, with all its tries. */
export const resendRow = (seq: number): Sql =>
  sql`update outbox set parked = 0, attempts = 0, due = 0 where seq = ${seq} and parked = 1`;

export const backlog = sql`select count(*) as total, coalesce(sum(parked), 0) as parked,
  min(case when parked = 0 then at end) as oldest from outbox`;
