import { unauthenticated, versionMismatch } from "../../contract/errors.ts";
import type { Handler } from "../../contract/implement.ts";
import type { SqlTx } from "../../mixins/sql.types.ts";
import type contract from "./users.contract.ts";
import { customerOf, type UsersActor } from "./users.actor.ts";
import { emailTaken } from "./users.errors.ts";
import {
  auditable,
  emailKey,
  findByEmail,
  findUser,
  lockUser,
  saveUser,
  toUser,
  type UserRow,
} from "./users.model.ts";
import { closeTickets, openVerification } from "./users.tickets.ts";

export const me: Handler<typeof contract, "me", UsersActor> = async function (ctx) {
  const user = await findUser(this.store.read, customerOf(ctx).id);
  if (!user) throw unauthenticated();
  return toUser(user);
};

/** @throws 412 when `If-Match` names another version than the row's. */
export function checkVersion(meta: { ifMatch?: number }, row: { version: number }): void {
  if (meta.ifMatch !== undefined && meta.ifMatch !== row.version) throw versionMismatch();
}

/** A new address must be confirmed; links to the old one stop working. */
async function changeEmail(actor: UsersActor, tx: SqlTx, before: UserRow, after: UserRow): Promise<void> {
  await closeTickets(actor, tx, after.id, "verify");
  await closeTickets(actor, tx, after.id, "reset");
  const verificationId = await openVerification(actor, tx, after);
  tx.publish(
    "users.emailChanged",
    { entity: after.id, version: after.version },
    { userId: after.id, email: after.email, previousEmail: before.email, name: after.name, verificationId },
  );
}

export const updateMe: Handler<typeof contract, "updateMe", UsersActor> = async function (ctx) {
  const { id } = customerOf(ctx);
  const { name, email } = ctx.params;
  return this.store.writeOnce(ctx, async (tx) => {
    const before = await lockUser(tx, id);
    if (!before) throw unauthenticated();
    checkVersion(ctx.meta, before);
    const key = email === undefined ? before.email_key : emailKey(email);
    const moved = key !== before.email_key;
    if (moved && (await findByEmail(tx, key))) throw emailTaken();
    const after = await saveUser(tx, {
      ...before,
      name: name ?? before.name,
      email: email ?? before.email,
      email_key: key,
      email_verified: moved ? 0 : before.email_verified,
    });
    if (moved) await changeEmail(this, tx, before, after);
    tx.audit({
      action: "users.updateMe",
      entity: "user",
      entityId: id,
      before: auditable(before),
      after: auditable(after),
      meta: ctx.meta,
    });
    return toUser(after);
  });
};
