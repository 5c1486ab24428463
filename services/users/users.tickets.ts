import { openMailToken } from "../../mixins/secrets.ts";
import { sql } from "../../mixins/sql.ts";
import type { SqlReader, SqlTx } from "../../mixins/sql.types.ts";
import type { UsersActor } from "./users.actor.ts";
import { invalidToken } from "./users.errors.ts";
import { tickets, type UserRow } from "./users.model.ts";

export type TicketKind = "reset" | "verify";

const hour = 60 * 60_000;
/** Milliseconds that a mail's link works. */
const lives: Record<TicketKind, number> = { reset: hour, verify: 7 * 24 * hour };

interface TicketRow {
  id: string;
  user_id: string;
  email_key: string;
}

/** A row that a mail's token opens; without a user it is a decoy that opens nothing. */
export async function openTicket(
  actor: UsersActor,
  tx: SqlTx,
  kind: TicketKind,
  of: { userId: string | null; emailKey: string },
): Promise<string> {
  const id = actor.newId();
  const expires_at = actor.clock.now() + lives[kind];
  await tx.insert("tickets", tickets, [
    { id, kind, user_id: of.userId, email_key: of.emailKey, expires_at, used_at: null },
  ]);
  return id;
}

export const openVerification = (actor: UsersActor, tx: SqlTx, user: UserRow): Promise<string> =>
  openTicket(actor, tx, "verify", { userId: user.id, emailKey: user.email_key });

/**
 * The unused ticket behind a mail's token.
 * @throws 422 `INVALID_TOKEN` when it is not ours, was used before, or its time is over.
 */
export async function findTicket(
  actor: UsersActor,
  reader: SqlReader,
  kind: TicketKind,
  token: string,
): Promise<TicketRow> {
  const id = openMailToken(actor.config.appSecret, kind, token);
  if (id === undefined) throw invalidToken();
  const row = await reader.get<TicketRow>(sql`
    select id, user_id, email_key from tickets where id = ${id} and kind = ${kind} and user_id is not null
      and used_at is null and expires_at > ${actor.clock.now()}`);
  if (!row) throw invalidToken();
  return row;
}

/** Tears the ticket; of two at once only one goes on. */
export async function useTicket(actor: UsersActor, tx: SqlTx, id: string): Promise<void> {
  const torn = await tx.run(sql`
    update tickets set used_at = ${actor.clock.now()} where id = ${id} and used_at is null`);
  if (torn === 0) throw invalidToken();
}

/** Links that were mailed before stop working: after a new password, or for another address. */
export async function closeTickets(
  actor: UsersActor,
  tx: SqlTx,
  userId: string,
  kind: TicketKind,
): Promise<void> {
  await tx.run(sql`
    update tickets set used_at = ${actor.clock.now()}
    where user_id = ${userId} and kind = ${kind} and used_at is null`);
}
