import { setTimeout as sleep } from "node:timers/promises";
import type { Handler } from "../../contract/implement.ts";
import type contract from "./users.contract.ts";
import type { UsersActor } from "./users.actor.ts";
import { invalidToken } from "./users.errors.ts";
import { rememberDevice, tellEnded } from "./users.families.ts";
import { auditable, emailKey, findByEmail, lockUser, saveUser, toUser } from "./users.model.ts";
import { setPassword } from "./users.password-change.ts";
import { refuseCommon } from "./users.passwords.ts";
import { forgotTries } from "./users.throttle.ts";
import { findTicket, openTicket, useTicket } from "./users.tickets.ts";

export const verify: Handler<typeof contract, "verify", UsersActor> = async function (ctx) {
  const user = await this.store.write(async (tx) => {
    const ticket = await findTicket(this, tx, "verify", ctx.params.token);
    await useTicket(this, tx, ticket.id);
    const row = await lockUser(tx, ticket.user_id);
    if (row?.email_key !== ticket.email_key) throw invalidToken();
    const verified = await saveUser(tx, { ...row, email_verified: 1 });
    tx.audit({
      action: "users.verify",
      entity: "user",
      entityId: row.id,
      before: auditable(row),
      after: auditable(verified),
      meta: ctx.meta,
    });
    return verified;
  });
  return { user: toUser(user) };
};

/** Milliseconds that every answer takes at least, so that the mail's own work does not show. */
const evenTime = 60;

/** For an address that nobody has, a decoy is written: the same answer after the same time. */
export const forgotPassword: Handler<typeof contract, "forgotPassword", UsersActor> = async function (ctx) {
  const key = emailKey(ctx.params.email);
  await this.throttle.admit(forgotTries(key, ctx.meta));
  await Promise.all([openReset(this, key), sleep(evenTime)]);
  return {};
};

async function openReset(actor: UsersActor, key: string): Promise<void> {
  const user = await findByEmail(actor.store.read, key);
  const known = user?.disabled === 0 ? user : undefined;
  await actor.store.write(async (tx) => {
    const resetId = await openTicket(actor, tx, "reset", { userId: known?.id ?? null, emailKey: key });
    if (known)
      tx.publish(
        "users.passwordForgotten",
        { entity: resetId, version: 1 },
        { userId: known.id, email: known.email, resetId },
      );
  });
}

/** Whoever reads the mailbox owns it, so its address is verified and the device known. */
export const resetPassword: Handler<typeof contract, "resetPassword", UsersActor> = async function (ctx) {
  const { token, password } = ctx.params;
  const ticket = await findTicket(this, this.store.read, "reset", token);
  refuseCommon(password, ticket.email_key);
  const passwordHash = await this.passwords.hash(password);
  const ended = await this.store.write(async (tx) => {
    await useTicket(this, tx, ticket.id);
    const row = await lockUser(tx, ticket.user_id);
    if (row?.email_key !== ticket.email_key || row.disabled === 1) throw invalidToken();
    await rememberDevice(this, tx, row.id, ctx.meta);
    const change = { action: "users.resetPassword", meta: ctx.meta };
    return setPassword(this, tx, { ...row, email_verified: 1 }, passwordHash, change);
  });
  await tellEnded(ctx, ended);
  return null;
};
