import { createHmac } from "node:crypto";
import { notFound } from "../../contract/errors.ts";
import type { Ctx, Handler } from "../../contract/implement.ts";
import { keyset, pageOf, parseSort } from "../../mixins/keyset.ts";
import { and, sql, type Sql } from "../../mixins/sql.ts";
import type { SqlTx } from "../../mixins/sql.types.ts";
import type contract from "./users.contract.ts";
import type { UsersActor } from "./users.actor.ts";
import { liveKeysOf, tellRevoked } from "./users.api-keys.ts";
import { lastAdmin } from "./users.errors.ts";
import { endSessions, ofUser, tellEnded } from "./users.families.ts";
import { auditable, findUser, lockUser, saveUser, toUser, userColumns, type UserRow } from "./users.model.ts";
import { refuseCommon } from "./users.passwords.ts";
import { checkVersion } from "./users.profile.ts";
import { addAccount } from "./users.register.ts";

const pageSize = 20;
/** What a person typed, as a pattern that means only itself. */
const containing = (text: string): string => `%${text.toLowerCase().replaceAll(/[\\%_]/g, "\\$&")}%`;

function filters({ role, q }: { role?: string; q?: string }): Sql[] {
  const conditions: Sql[] = [];
  if (role !== undefined) conditions.push(sql`role = ${role}`);
  if (q !== undefined) {
    const pattern = containing(q);
    conditions.push(sql`(email_key like ${pattern} escape '\\' or lower(name) like ${pattern} escape '\\')`);
  }
  return conditions;
}

/** Ids are UUIDv7: their order is that of the accounts' making. */
const sortedBy: Readonly<Record<string, string>> = { createdAt: "id", email: "email_key" };

export const list: Handler<typeof contract, "list", UsersActor> = async function (ctx) {
  const { limit = pageSize, cursor, sort = "-createdAt" } = ctx.params;
  const { name, falling } = parseSort(sort);
  const by = { columns: [sortedBy[name] ?? "id"], falling };
  const { conditions, order } = keyset(by, cursor);
  const rows = await this.store.read.all<UserRow>(sql`
    select ${userColumns} from users where ${and([...filters(ctx.params), ...conditions])}
    order by ${order} limit ${limit + 1}`);
  return pageOf(rows, limit, by, toUser);
};

export const get: Handler<typeof contract, "get", UsersActor> = async function (ctx) {
  const row = await findUser(this.store.read, ctx.params.id);
  if (!row) throw notFound("user");
  return toUser(row);
};

export const create: Handler<typeof contract, "create", UsersActor> = async function (ctx) {
  const { email, password, name, role } = ctx.params;
  refuseCommon(password, email);
  const passwordHash = await this.passwords.hash(password);
  const by = { action: "users.create", meta: ctx.meta };
  // What is kept of a keyed request must not help to guess the password.
  const kept = createHmac("sha256", this.config.appSecret).update(password).digest("base64url");
  const request = { meta: ctx.meta, action: ctx.action, params: { ...ctx.params, password: kept } };
  return this.store.writeOnce(request, async (tx) =>
    toUser(await addAccount(this, tx, { email, name, role, passwordHash }, by)),
  );
};

const isAdmin = (row: UserRow): boolean => row.role === "admin" && row.disabled === 0;

/** Locks all admins, so that two of them cannot dismiss one another at the same moment. */
async function keepAnAdmin(tx: SqlTx, before: UserRow, after: UserRow): Promise<void> {
  if (!isAdmin(before) || isAdmin(after)) return;
  const admins = await tx.all<{ id: string }>(sql`
    select id from users where role = 'admin' and disabled = 0 order by id ${tx.forUpdate}`);
  if (!admins.some(({ id }) => id !== before.id)) throw lastAdmin();
}

/** What stops with the change; the gateways are told after the commit. */
interface Ended {
  sessions: string[];
  keys: string[];
}

async function change(actor: UsersActor, tx: SqlTx, ctx: Ctx<Change>, ended: Ended): Promise<UserRow> {
  const { id, name, role, disabled } = ctx.params;
  // The admins first: everybody who locks more than one account takes them in the same order.
  if (role !== undefined || disabled !== undefined)
    await tx.all(sql`select id from users where role = 'admin' and disabled = 0 order by id ${tx.forUpdate}`);
  const before = await lockUser(tx, id);
  if (!before) throw notFound("user");
  checkVersion(ctx.meta, before);
  const off = disabled === undefined ? before.disabled : disabled ? 1 : 0;
  const wanted = { ...before, name: name ?? before.name, role: role ?? before.role, disabled: off };
  await keepAnAdmin(tx, before, wanted);
  const after = await saveUser(tx, wanted);
  if (after.disabled === 1) ended.sessions = await endSessions(actor, tx, ofUser(id));
  if (after.disabled === 1 || after.role !== before.role) ended.keys = await liveKeysOf(tx, id);
  const what = { action: "users.update", entity: "user", entityId: id, meta: ctx.meta };
  tx.audit({ ...what, before: auditable(before), after: auditable(after) });
  return after;
}
type Change = Parameters<Handler<typeof contract, "update", UsersActor>>[0]["params"];

export const update: Handler<typeof contract, "update", UsersActor> = async function (ctx) {
  const ended: Ended = { sessions: [], keys: [] };
  const user = await this.store.writeOnce(ctx, async (tx) => toUser(await change(this, tx, ctx, ended)));
  await tellEnded(ctx, ended.sessions);
  await tellRevoked(ctx, ended.keys);
  return user;
};
