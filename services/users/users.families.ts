import type { Meta } from "../../contract/meta.ts";
import type { Caller } from "../../contract/implement.ts";
import { raw, sql, type Sql } from "../../mixins/sql.ts";
import type { SqlReader, SqlTx } from "../../mixins/sql.types.ts";
import type { UsersActor } from "./users.actor.ts";
import { refreshTokens, sessions, type SessionRow, type UserRow } from "./users.model.ts";
import { deviceOf } from "./users.throttle.ts";
import { hashOf, randomToken, type Opened } from "./users.tokens.ts";

const day = 24 * 60 * 60_000;
/** A session ends when it was not used for so long ... */
const idle = 30 * day;
/** ... and at the latest after this. */
const longest = 90 * day;

const clipped = (text: string | undefined, length: number): string => (text ?? "").slice(0, length);

/** A new family with its first refresh token; the device is known from now on. */
export async function openSession(actor: UsersActor, tx: SqlTx, user: UserRow, meta: Meta): Promise<Opened> {
  const now = actor.clock.now();
  const at = actor.timestamp();
  const id = actor.newId();
  const expiresAt = now + idle;
  await tx.insert("sessions", sessions, [
    {
      id,
      user_id: user.id,
      created_at: at,
      last_used_at: at,
      user_agent: clipped(meta.userAgent, 500),
      ip: clipped(meta.ip, 60),
      expires_at: expiresAt,
      ends_at: now + longest,
      ended_at: null,
    },
  ]);
  await rememberDevice(actor, tx, user.id, meta);
  return { user, session: id, token: await issue(tx, id), expiresAt };
}

/** The next refresh token of a family. */
async function issue(tx: SqlTx, session: string): Promise<string> {
  const token = randomToken();
  await tx.insert("refresh_tokens", refreshTokens, [
    { hash: hashOf(token), session_id: session, used_at: null },
  ]);
  return token;
}

/** Uses a token up and makes its successor. */
export async function rotate(
  actor: UsersActor,
  tx: SqlTx,
  user: UserRow,
  family: SessionRow,
  used: string,
): Promise<Opened> {
  const now = actor.clock.now();
  const expiresAt = Math.min(now + idle, family.ends_at);
  await tx.run(sql`update refresh_tokens set used_at = ${now} where hash = ${used}`);
  await tx.run(sql`
    update sessions set last_used_at = ${actor.timestamp()}, expires_at = ${expiresAt} where id = ${family.id}`);
  return { user, session: family.id, token: await issue(tx, family.id), expiresAt };
}

export async function rememberDevice(
  actor: UsersActor,
  tx: SqlTx,
  userId: string,
  meta: Meta,
): Promise<void> {
  await tx.run(sql`
    insert into devices (user_id, device, seen_at) values (${userId}, ${deviceOf(meta)}, ${actor.clock.now()})
    on conflict (user_id, device) do update set seen_at = excluded.seen_at`);
}

/** Ends the live sessions that `which` selects; answers their ids, to be told to the gateways after the commit. */
export async function endSessions(actor: UsersActor, tx: SqlTx, which: Sql): Promise<string[]> {
  const live = await tx.all<{ id: string }>(sql`
    select id from sessions where ended_at is null and ${which} order by id ${tx.forUpdate}`);
  if (live.length > 0)
    await tx.run(
      sql`update sessions set ended_at = ${actor.clock.now()} where ended_at is null and ${which}`,
    );
  return live.map(({ id }) => id);
}

export const ofUser = (userId: string): Sql => sql`user_id = ${userId}`;
export const exceptSession = (session: string): Sql => sql`id <> ${session}`;

/** A family that may still be used at `now`. */
export const liveAt = (now: number): Sql =>
  sql`${raw("ended_at is null")} and expires_at > ${now} and ends_at > ${now}`;

const sessionColumns = raw(Object.keys(sessions).join(", "));
export const findSession = (reader: SqlReader, id: string): Promise<SessionRow | undefined> =>
  reader.get<SessionRow>(sql`select ${sessionColumns} from sessions where id = ${id}`);
export const liveSessions = (reader: SqlReader, userId: string, now: number): Promise<SessionRow[]> =>
  reader.all<SessionRow>(sql`
    select ${sessionColumns} from sessions where user_id = ${userId} and ${liveAt(now)} order by id desc`);

/** Gateways forget the sessions at once; one that misses it asks again within a second. */
export async function tellEnded(caller: Pick<Caller, "broadcast">, ended: readonly string[]): Promise<void> {
  if (ended.length > 0)
    await caller.broadcast("users.sessionsEnded", { sessions: [...ended] }).catch(() => undefined);
}
