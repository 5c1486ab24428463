import { keyset, pageOf } from "../../mixins/keyset.ts";
import { and, sql, type Sql } from "../../mixins/sql.ts";
import type { SqlReader, SqlTx, Table } from "../../mixins/sql.types.ts";
import type { AuditEntry } from "./audit.contract.ts";

/** `before_change` and `after_change` are JSON. */
export const entries = {
  id: "text",
  at: "text",
  made_by: "text",
  ip: "text",
  action: "text",
  entity: "text",
  entity_id: "text",
  before_change: "text",
  after_change: "text",
} as const satisfies Table;

interface EntryRow {
  id: string;
  at: string;
  made_by: string;
  ip: string | null;
  action: string;
  entity: string;
  entity_id: string;
  before_change: string;
  after_change: string;
}

const toEntry = (row: EntryRow): AuditEntry => ({
  id: row.id,
  at: row.at,
  by: row.made_by,
  ip: row.ip,
  action: row.action,
  entity: row.entity,
  entityId: row.entity_id,
  before: JSON.parse(row.before_change) as unknown,
  after: JSON.parse(row.after_change) as unknown,
});

export const addEntry = (tx: SqlTx, entry: AuditEntry): Promise<void> =>
  tx.insert("entries", entries, [
    {
      id: entry.id,
      at: entry.at,
      made_by: entry.by,
      ip: entry.ip,
      action: entry.action,
      entity: entry.entity,
      entity_id: entry.entityId,
      before_change: JSON.stringify(entry.before ?? null),
      after_change: JSON.stringify(entry.after ?? null),
    },
  ]);

export interface Filter {
  entity?: string;
  entityId?: string;
  by?: string;
  action?: string;
  from?: string;
  to?: string;
}

/** Times of any precision as they stand in the table. */
const time = (text: string): string => new Date(text).toISOString();

function conditionsOf(filter: Filter): Sql[] {
  const { entity, entityId, by, action, from, to } = filter;
  const conditions: Sql[] = [];
  if (entity !== undefined) conditions.push(sql`entity = ${entity}`);
  if (entityId !== undefined) conditions.push(sql`entity_id = ${entityId}`);
  if (by !== undefined) conditions.push(sql`made_by = ${by}`);
  if (action !== undefined) conditions.push(sql`action = ${action}`);
  if (from !== undefined) conditions.push(sql`at >= ${time(from)}`);
  if (to !== undefined) conditions.push(sql`at < ${time(to)}`);
  return conditions;
}

/** One page of entries. */
export async function findEntries(
  reader: SqlReader,
  filter: Filter & { cursor?: string; falling: boolean },
  limit: number,
): Promise<{ data: AuditEntry[]; page: { next: string | null } }> {
  const by = { columns: ["at", "id"], falling: filter.falling };
  const { conditions, order } = keyset(by, filter.cursor);
  const rows = await reader.all<EntryRow>(sql`
    select id, at, made_by, ip, action, entity, entity_id, before_change, after_change from entries
    where ${and([...conditionsOf(filter), ...conditions])} order by ${order} limit ${limit + 1}`);
  return pageOf(rows, limit, by, toEntry);
}
