import type { Handler } from "../../contract/implement.ts";
import type { Meta } from "../../contract/meta.ts";
import { unauthenticated } from "../../contract/errors.ts";
import { sql } from "../../mixins/sql.ts";
import type { SqlTx } from "../../mixins/sql.types.ts";
import type contract from "./users.contract.ts";
import { customerOf, type UsersActor } from "./users.actor.ts";
import { wrongPassword } from "./users.errors.ts";
import { endSessions, exceptSession, ofUser, tellEnded } from "./users.families.ts";
import { findUser, lockUser, saveUser, type UserRow } from "./users.model.ts";
import { refuseCommon } from "./users.passwords.ts";
import { changeTries } from "./users.throttle.ts";
import { closeTickets } from "./users.tickets.ts";

interface Change {
  action: string;
  meta: Meta;
  /** The session that goes on. */
  keep?: string;
}

/** Writes a new hash, ends the other sessions and the links that were mailed; answers the sessions that ended. */
export async function setPassword(
  actor: UsersActor,
  tx: SqlTx,
  row: UserRow,
  passwordHash: string,
  { action, meta, keep = "" }: Change,
): Promise<string[]> {
  const saved = await saveUser(tx, { ...row, password_hash: passwordHash });
  await closeTickets(actor, tx, row.id, "reset");
  const ended = await endSessions(actor, tx, sql`${ofUser(row.id)} and ${exceptSession(keep)}`);
  tx.publish(
    "users.passwordChanged",
    { entity: row.id, version: saved.version },
    { userId: row.id, email: row.email },
  );
  tx.audit({
    action,
    entity: "user",
    entityId: row.id,
    after: { passwordChanged: true, ended: ended.length },
    meta,
  });
  return ended;
}

export const changePassword: Handler<typeof contract, "changePassword", UsersActor> = async function (ctx) {
  const { id, session } = customerOf(ctx);
  const { current, password } = ctx.params;
  const user = await findUser(this.store.read, id);
  if (!user) throw unauthenticated();
  const counted = await this.throttle.admit(changeTries(id));
  if (!(await this.passwords.verify(current, user.password_hash))) throw wrongPassword();
  await this.throttle.giveBack(counted);
  refuseCommon(password, user.email);
  const passwordHash = await this.passwords.hash(password);
  const ended = await this.store.write(async (tx) => {
    const row = await lockUser(tx, id);
    if (row?.password_hash !== user.password_hash) throw wrongPassword();
    return setPassword(this, tx, row, passwordHash, {
      action: "users.changePassword",
      meta: ctx.meta,
      keep: session,
    });
  });
  await tellEnded(ctx, ended);
  return null;
};
