import type { Meta } from "../../contract/meta.ts";
import type { Role } from "../../contract/permissions.ts";
import type { Handler } from "../../contract/implement.ts";
import type { SqlTx } from "../../mixins/sql.types.ts";
import { sql } from "../../mixins/sql.ts";
import type contract from "./users.contract.ts";
import type { UsersActor } from "./users.actor.ts";
import { emailTaken } from "./users.errors.ts";
import { auditable, emailKey, findByEmail, toUser, userColumns, users, type UserRow } from "./users.model.ts";
import { refuseCommon } from "./users.passwords.ts";
import { registerTries } from "./users.throttle.ts";
import { openVerification } from "./users.tickets.ts";

export interface NewAccount {
  email: string;
  name: string;
  role: Role;
  passwordHash: string;
  verified?: boolean;
}

/**
 * Adds an account and what tells of it.
 * @throws 409 `EMAIL_TAKEN`, also when another call took the address a moment ago.
 */
export async function addAccount(
  actor: UsersActor,
  tx: SqlTx,
  account: NewAccount,
  by: { action: string; meta: Meta },
): Promise<UserRow> {
  const row: UserRow = {
    id: actor.newId(),
    email: account.email,
    email_key: emailKey(account.email),
    name: account.name,
    role: account.role,
    password_hash: account.passwordHash,
    email_verified: account.verified ? 1 : 0,
    disabled: 0,
    created_at: actor.timestamp(),
    version: 1,
  };
  const added = await tx.run(sql`
    insert into users (${userColumns}) select ${userColumns} from (${tx.rows(users, [row])}) as d where true on conflict (email_key) do nothing`);
  if (added === 0) throw emailTaken();
  const { id, email, name } = row;
  if (!account.verified) {
    const verificationId = await openVerification(actor, tx, row);
    tx.publish("users.registered", { entity: id, version: 1 }, { userId: id, email, name, verificationId });
  }
  tx.audit({ ...by, entity: "user", entityId: id, after: auditable(row) });
  return row;
}

export const register: Handler<typeof contract, "register", UsersActor> = async function (ctx) {
  const { email, password, name } = ctx.params;
  await this.throttle.admit(registerTries(ctx.meta));
  refuseCommon(password, email);
  if (await findByEmail(this.store.read, email)) throw emailTaken();
  const passwordHash = await this.passwords.hash(password);
  const account: NewAccount = { email, name, role: "customer", passwordHash };
  const by = { action: "users.register", meta: ctx.meta };
  return { user: toUser(await this.store.write((tx) => addAccount(this, tx, account, by))) };
};
