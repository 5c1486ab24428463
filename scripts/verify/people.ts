import { count, found, rowsOf, type Check } from "./check.ts";

/** Order events that only staff can cause, and the entry that each leaves. */
const audited: Record<string, string> = {
  packed: "orders.pack",
  delivered: "orders.deliver",
  shipped: "orders.ship",
  refunded: "orders.refund",
};

const i20: Check = {
  id: "I20",
  title: "every privileged change has an audit entry that nobody can alter",
  async run(sources) {
    if (!sources.databases.of("audit")) return undefined;
    const entries = await rowsOf<{ action: string; entity_id: string }>(
      sources,
      "audit",
      "select action, entity_id from entries",
    );
    const pending = await rowsOf<{ payload: string }>(
      sources,
      "orders",
      "select payload from outbox where type = 'audit.entry'",
    );
    const there = new Map<string, number>();
    const note = (key: string) => there.set(key, (there.get(key) ?? 0) + 1);
    for (const row of entries) note(`${row.action} ${row.entity_id}`);
    for (const row of pending) {
      const { action, entityId } = JSON.parse(row.payload) as { action: string; entityId: string };
      note(`${action} ${entityId}`);
    }
    const changes = await rowsOf<{ order_id: string; type: string; n: number }>(
      sources,
      "orders",
      "select order_id, type, count(*) as n from order_events where type in ('packed', 'delivered', 'shipped', 'refunded') group by order_id, type",
    );
    const missing = changes
      .filter((row) => (there.get(`${audited[row.type] ?? ""} ${row.order_id}`) ?? 0) < row.n)
      .map((row) => `order ${row.order_id}: ${row.type} without an audit entry`);
    return {
      counted: `${entries.length} entries, ${changes.length} changes of orders`,
      violations: [...missing, ...(await unguarded(sources))],
    };
  },
};

/** The database itself refuses to change an entry. */
async function unguarded(sources: Parameters<Check["run"]>[0]): Promise<string[]> {
  const audit = sources.databases.of("audit");
  const triggers =
    audit?.dialect === "postgres"
      ? "select count(*) as n from pg_trigger where tgrelid = 'entries'::regclass and not tgisinternal"
      : "select count(*) as n from sqlite_master where type = 'trigger' and tbl_name = 'entries'";
  const rows = (await audit?.all<{ n: number }>(triggers)) ?? [];
  return Number(rows[0]?.n ?? 0) >= 2 ? [] : ["the audit entries are not guarded against change"];
}

const i21: Check = {
  id: "I21",
  title: "a refresh token is exchanged once; reuse ends its family",
  async run(sources) {
    if (!sources.databases.of("users")) return undefined;
    const violations = await found<{ session_id: string; n: number }>(
      sources.databases.of("users"),
      "select t.session_id, count(*) as n from refresh_tokens t join sessions s on s.id = t.session_id where t.used_at is null and s.ended_at is null group by t.session_id having count(*) > 1",
      (row) => `session ${row.session_id} has ${row.n} live refresh tokens`,
    );
    return { counted: `${await count(sources, "users", "refresh_tokens")} refresh tokens`, violations };
  },
};

/** Invariants of accounts and of who changed what. */
export const people = { i20, i21 };
