import type { Ctx, Handler } from "../../contract/implement.ts";
import { sql } from "../../mixins/sql.ts";
import type contract from "./users.contract.ts";
import type { UsersActor } from "./users.actor.ts";
import { invalidCredentials } from "./users.errors.ts";
import { openSession } from "./users.families.ts";
import { emailKey, findByEmail, lockUser, type UserRow } from "./users.model.ts";
import { deviceOf, loginTries } from "./users.throttle.ts";
import { loginAnswer, type Opened } from "./users.tokens.ts";

async function knownDevice(actor: UsersActor, user: UserRow | undefined, ctx: Ctx): Promise<boolean> {
  const row = await actor.store.read.get(sql`
    select seen_at from devices where user_id = ${user?.id ?? ""} and device = ${deviceOf(ctx.meta)}`);
  return row !== undefined;
}

/** Opens the session unless the account was disabled or got another password while this one was checked. */
const open = (
  actor: UsersActor,
  ctx: Ctx,
  checked: UserRow,
  better: string | undefined,
): Promise<Opened | undefined> =>
  actor.store.write(async (tx) => {
    const user = await lockUser(tx, checked.id);
    if (!user || user.disabled === 1 || user.password_hash !== checked.password_hash) return undefined;
    if (better !== undefined)
      await tx.run(sql`update users set password_hash = ${better} where id = ${user.id}`);
    return openSession(actor, tx, user, ctx.meta);
  });

/** An unknown address takes the same steps and the same time as a known one. */
export const login: Handler<typeof contract, "login", UsersActor> = async function (ctx) {
  const { email, password } = ctx.params;
  const user = await findByEmail(this.store.read, email);
  const known = await knownDevice(this, user, ctx);
  const counted = await this.throttle.admit(loginTries(emailKey(email), ctx.meta, known));
  const right = await this.passwords.verify(password, user?.password_hash);
  if (!user || !right || user.disabled === 1) throw invalidCredentials();
  await this.throttle.giveBack(counted);
  const better = this.passwords.outdated(user.password_hash)
    ? await this.passwords.hash(password)
    : undefined;
  const opened = await open(this, ctx, user, better);
  if (!opened) throw invalidCredentials();
  return loginAnswer(this, ctx.meta, opened);
};
