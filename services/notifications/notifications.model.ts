import { keyset, pageOf } from "../../mixins/keyset.ts";
import { updateOf } from "../../mixins/row-change.ts";
import { skipLocked } from "../../mixins/skip-locked.ts";
import { and, raw, sql } from "../../mixins/sql.ts";
import type { Outcome, SqlReader, SqlTx, Table } from "../../mixins/sql.types.ts";
import type { Mail } from "./notifications.contract.ts";

/** `to_key` is the address in lower case. A pending mail is due at `due_at` (milliseconds); while it is sent, that is its lease. */
export const mails = {
  id: "text",
  to_address: "text",
  to_key: "text",
  template: "text",
  subject: "text",
  body_text: "text",
  body_html: "text",
  status: "text",
  attempts: "bigint",
  error: "text",
  created_at: "text",
  sent_at: "text",
  due_at: "bigint",
} as const satisfies Table;

export type MailRow = {
  id: string;
  to_address: string;
  to_key: string;
  template: string;
  subject: string;
  body_text: string;
  body_html: string;
  status: Mail["status"];
  attempts: number;
  error: string | null;
  created_at: string;
  sent_at: string | null;
  due_at: number;
};

/** The part of a link that opens something: shown only to those who could open it anyway. */
const secrets = /\b(token|secret)=[\w.-]+/g;

export const toMail = (row: MailRow, mayFollowLinks: boolean): Mail => ({
  id: row.id,
  to: row.to_address,
  template: row.template,
  subject: row.subject,
  text: mayFollowLinks ? row.body_text : row.body_text.replaceAll(secrets, "$1=..."),
  status: row.status,
  attempts: row.attempts,
  error: row.error,
  createdAt: row.created_at,
  sentAt: row.sent_at,
});

const columns = raw(Object.keys(mails).join(", "));

export const findMail = (reader: SqlReader, id: string): Promise<MailRow | undefined> =>
  reader.get<MailRow>(sql`select ${columns} from mails where id = ${id}`);

export interface MailFilter {
  to?: string;
  status?: string;
  cursor?: string;
  falling: boolean;
}

/** One page of mails, in the order of their making. */
export async function findMails(
  reader: SqlReader,
  { to, status, cursor, falling }: MailFilter,
  limit: number,
): Promise<{ data: MailRow[]; page: { next: string | null } }> {
  const by = { columns: ["created_at", "id"], falling };
  const { conditions, order } = keyset(by, cursor);
  if (to !== undefined) conditions.push(sql`to_key = ${to.toLowerCase()}`);
  if (status !== undefined) conditions.push(sql`status = ${status}`);
  const rows = await reader.all<MailRow>(sql`
    select ${columns} from mails where ${and(conditions)} order by ${order} limit ${limit + 1}`);
  return pageOf(rows, limit, by, (row) => row);
}

/** A look that costs no commit. */
export const isAnyDue = async (reader: SqlReader, now: number): Promise<boolean> =>
  (await reader.get(sql`select id from mails where status = 'pending' and due_at <= ${now} limit 1`)) !==
  undefined;

/** Milliseconds that a mail belongs to the node that took it. */
export const lease = 120_000;

/**
 * Takes due mails for `lease` milliseconds; another node, or this one after a crash, tries again afterwards. What another node
 * has locked is its own: passed over, so that a claim and an end of the same mails never wait for one another.
 */
export async function takeDue(tx: SqlTx, now: number, lease: number, most: number): Promise<MailRow[]> {
  const due = await tx.all<MailRow>(sql`
    select ${columns} from mails where status = 'pending' and due_at <= ${now}
    order by due_at, id limit ${most} ${skipLocked(tx)}`);
  if (due.length === 0) return [];
  const ids = due.map(({ id }) => ({ id }));
  await tx.tell(sql`
    update mails set attempts = attempts + 1, due_at = ${now + lease}
    where id in (select id from (${tx.rows({ id: "text" }, ids)}) as d)`);
  return due.map((row) => ({ ...row, attempts: row.attempts + 1 }));
}

export interface Try {
  status: Mail["status"];
  error: string | null;
  sentAt: string | null;
  dueAt: number;
}

/** A try and how it ended. */
export interface Ended {
  mail: MailRow;
  outcome: Try;
}

/** The mail while it still waits for this very try. */
const ofTry = updateOf("mails", { ...mails, was: "text" }, ["status", "error", "sent_at", "due_at"], {
  id: "id",
  attempts: "attempts",
  status: "was",
});

/** Notes how tries ended, unless somebody else took the mail since. */
export async function settle(tx: SqlTx, tries: readonly Ended[]): Promise<Outcome<void>[]> {
  const rows = tries.map(({ mail: { id, attempts }, outcome: { status, error, sentAt, dueAt } }) => ({
    id,
    attempts,
    was: "pending",
    status,
    error,
    sent_at: sentAt,
    due_at: dueAt,
  }));
  await tx.change(ofTry, rows);
  return tries.map(() => ({ ok: undefined }));
}

/** Makes mails due at once that were taken for their first try and not tried. */
export const giveBack = (tx: SqlTx, taken: readonly MailRow[], now: number): Promise<void> =>
  tx.tell(sql`
    update mails set attempts = 0, due_at = ${now} where status = 'pending' and attempts = 1
    and id in (select id from (${tx.rows({ id: "text" }, taken)}) as d)`);

/** Makes a mail due at once, with all its tries. */
export const requeue = (tx: SqlTx, id: string, now: number): Promise<number> =>
  tx.run(sql`
    update mails set status = 'pending', attempts = 0, error = null, sent_at = null, due_at = ${now} where id = ${id}`);
