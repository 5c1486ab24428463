import { notFound } from "../../contract/errors.ts";
import type { Handler } from "../../contract/implement.ts";
import { sql, type Sql } from "../../mixins/sql.ts";
import type contract from "./users.contract.ts";
import { customerOf, type UsersActor } from "./users.actor.ts";
import {
  endSessions as end,
  exceptSession,
  findSession,
  liveSessions,
  ofUser,
  tellEnded,
} from "./users.families.ts";
import { findUser } from "./users.model.ts";
import { hashOf } from "./users.tokens.ts";

/** Ends the session of the cookie and the one of the access token; most often they are the same. */
export const logout: Handler<typeof contract, "logout", UsersActor> = async function (ctx) {
  const { caller, refreshToken } = ctx.meta;
  const session = caller?.kind === "account" ? caller.session : "";
  const hash = refreshToken === undefined ? "" : hashOf(refreshToken);
  const which = sql`(id = ${session} or id in (select session_id from refresh_tokens where hash = ${hash}))`;
  const ended = await this.store.write((tx) => end(this, tx, which));
  await tellEnded(ctx, ended);
  ctx.meta.setRefreshToken = null;
  return null;
};

export const sessions: Handler<typeof contract, "sessions", UsersActor> = async function (ctx) {
  const { id, session } = customerOf(ctx);
  const rows = await liveSessions(this.store.read, id, this.clock.now());
  return {
    data: rows.map((row) => ({
      id: row.id,
      createdAt: row.created_at,
      lastUsedAt: row.last_used_at,
      userAgent: row.user_agent,
      ip: row.ip,
      current: row.id === session,
    })),
  };
};

export const endSession: Handler<typeof contract, "endSession", UsersActor> = async function (ctx) {
  const { id } = customerOf(ctx);
  const row = await findSession(this.store.read, ctx.params.id);
  if (row?.user_id !== id) throw notFound("session");
  const which: Sql = sql`id = ${row.id} and ${ofUser(id)}`;
  await tellEnded(ctx, await this.store.write((tx) => end(this, tx, which)));
  return null;
};

export const endSessions: Handler<typeof contract, "endSessions", UsersActor> = async function (ctx) {
  const { id, session } = customerOf(ctx);
  const which: Sql = sql`${ofUser(id)} and ${exceptSession(session)}`;
  await tellEnded(ctx, await this.store.write((tx) => end(this, tx, which)));
  return null;
};

/** Null as soon as the session ended or its account was disabled; the role is the one of now. */
export const session: Handler<typeof contract, "session", UsersActor> = async function (ctx) {
  const row = await findSession(this.store.read, ctx.params.session);
  const now = this.clock.now();
  if (!row || row.ended_at !== null || row.expires_at <= now || row.ends_at <= now) return null;
  const user = await findUser(this.store.read, row.user_id);
  if (!user || user.disabled === 1) return null;
  return { account: user.id, role: user.role, email: user.email };
};
