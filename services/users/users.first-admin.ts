import { sql } from "../../mixins/sql.ts";
import { isType } from "../../contract/errors.ts";
import type { UsersActor } from "./users.actor.ts";
import { addAccount } from "./users.register.ts";

/** A store without an admin gets the one of the configuration; with several nodes the first one wins. */
export async function makeFirstAdmin(actor: UsersActor): Promise<void> {
  const admins = sql`select id from users where role = 'admin' limit 1`;
  if (await actor.store.read.get(admins)) return;
  const { adminEmail: email, adminPassword } = actor.config;
  const passwordHash = await actor.passwords.hash(adminPassword);
  const by = { action: "users.firstAdmin", meta: {} };
  try {
    await actor.store.write(async (tx) => {
      if (await tx.get(admins)) return;
      await addAccount(actor, tx, { email, name: "Admin", role: "admin", passwordHash, verified: true }, by);
    });
  } catch (error) {
    if (!isType(error, "EMAIL_TAKEN")) throw error;
    if (await actor.store.read.get(admins)) return;
    throw new Error("ADMIN_EMAIL belongs to a customer's account: name another address for the first admin", {
      cause: error,
    });
  }
}
