import type { Ctx, Handler } from "../../contract/implement.ts";
import { sql } from "../../mixins/sql.ts";
import type { SqlTx } from "../../mixins/sql.types.ts";
import type contract from "./users.contract.ts";
import type { UsersActor } from "./users.actor.ts";
import { invalidRefreshToken } from "./users.errors.ts";
import { endSessions, findSession, rotate, tellEnded } from "./users.families.ts";
import { findUser, type SessionRow } from "./users.model.ts";
import { hashOf, loginAnswer, type Opened } from "./users.tokens.ts";

interface TokenRow {
  session_id: string;
  used_at: number | null;
}

/** A new login, or the sessions that the token's reuse ended. */
type Exchange = Opened | { ended: string[] };

/** A token that comes twice was stolen, or its owner's was: nobody can tell which, so the whole family ends. */
async function endFamily(actor: UsersActor, tx: SqlTx, family: SessionRow, ctx: Ctx): Promise<Exchange> {
  const ended = await endSessions(actor, tx, sql`id = ${family.id}`);
  if (ended.length > 0)
    tx.audit({
      action: "users.refreshReused",
      entity: "session",
      entityId: family.id,
      after: { userId: family.user_id, ended: true },
      meta: ctx.meta,
    });
  return { ended };
}

/** Locks the token first, so that of many exchanges at once exactly one finds it unused. */
async function exchange(actor: UsersActor, tx: SqlTx, hash: string, ctx: Ctx): Promise<Exchange> {
  const token = await tx.get<TokenRow>(
    sql`select session_id, used_at from refresh_tokens where hash = ${hash} ${tx.forUpdate}`,
  );
  const family = token && (await findSession(tx, token.session_id));
  if (!token || !family || family.ended_at !== null) return { ended: [] };
  if (token.used_at !== null) return endFamily(actor, tx, family, ctx);
  const now = actor.clock.now();
  const user = await findUser(tx, family.user_id);
  if (family.expires_at <= now || family.ends_at <= now || !user || user.disabled === 1) return { ended: [] };
  return rotate(actor, tx, user, family, hash);
}

export const refresh: Handler<typeof contract, "refresh", UsersActor> = async function (ctx) {
  const token = ctx.meta.refreshToken;
  if (token === undefined) throw invalidRefreshToken();
  const outcome = await this.store.write((tx) => exchange(this, tx, hashOf(token), ctx));
  if ("ended" in outcome) {
    await tellEnded(ctx, outcome.ended);
    ctx.meta.setRefreshToken = null;
    throw invalidRefreshToken();
  }
  return loginAnswer(this, ctx.meta, outcome);
};
