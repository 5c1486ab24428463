import { invalid, notFound } from "../../contract/errors.ts";
import type { Caller, Ctx, Handler } from "../../contract/implement.ts";
import { permissionsOf, type Permission } from "../../contract/permissions.ts";
import { sql } from "../../mixins/sql.ts";
import type { SqlReader, SqlTx } from "../../mixins/sql.types.ts";
import type contract from "./users.contract.ts";
import type { ApiKey } from "./users.shapes.ts";
import type { UsersActor } from "./users.actor.ts";
import { scopeNotHeld } from "./users.errors.ts";
import { apiKeys as table, findUser, scopesOf, type ApiKeyRow } from "./users.model.ts";
import { hashOf, randomToken } from "./users.tokens.ts";

/** A key of a sandbox is none in a live store, nor the other way round: a program that took the wrong one can do no harm. */
const prefixes = { live: "vk_live_", test: "vk_test_" } as const;
const prefixOf = ({ config }: UsersActor): string => prefixes[config.sandbox ? "test" : "live"];
/** Characters of a key that lists show, to tell keys apart. */
const shown = prefixes.live.length + 4;
/** Milliseconds within which the time of the last use is not written again. */
const useGranularity = 60_000;

const columns = { strings: [Object.keys(table).join(", ")], values: [] };

const toKey = (row: ApiKeyRow): ApiKey => ({
  id: row.id,
  name: row.name,
  prefix: row.prefix,
  mode: row.prefix.startsWith(prefixes.test) ? "test" : "live",
  scopes: scopesOf(row),
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  lastUsedAt: row.last_used_at,
  revokedAt: row.revoked_at,
});

const findKey = (reader: SqlReader, id: string): Promise<ApiKeyRow | undefined> =>
  reader.get<ApiKeyRow>(sql`select ${columns} from api_keys where id = ${id}`);

/** Gateways forget the keys; one that misses it asks again within a second. */
export async function tellRevoked(caller: Pick<Caller, "broadcast">, ids: readonly string[]): Promise<void> {
  for (const id of ids) await caller.broadcast("users.apiKeyRevoked", { id }).catch(() => undefined);
}

export const liveKeysOf = async (reader: SqlReader, owner: string): Promise<string[]> =>
  (
    await reader.all<{ id: string }>(
      sql`select id from api_keys where owner_id = ${owner} and revoked_at is null`,
    )
  ).map(({ id }) => id);

interface Maker {
  owner: string;
  held: ReadonlySet<Permission>;
}

/** The account behind the call and what it may hand on; a key hands on no more than its own scopes. */
async function makerOf(reader: SqlReader, ctx: Ctx): Promise<Maker> {
  const { caller } = ctx.meta;
  const owner = caller?.kind === "key" ? caller.owner : caller?.id;
  const user = owner === undefined ? undefined : await findUser(reader, owner);
  if (!user || user.disabled === 1) return { owner: "", held: new Set() };
  const held = new Set(permissionsOf[user.role]);
  return { owner: user.id, held: caller?.kind === "key" ? held.intersection(new Set(caller.scopes)) : held };
}

interface Wanted {
  name: string;
  scopes: readonly Permission[];
  expiresAt: string | null;
}

async function addKey(actor: UsersActor, tx: SqlTx, ctx: Ctx, wanted: Wanted, action: string) {
  const maker = await makerOf(tx, ctx);
  const missing = wanted.scopes.filter((scope) => !maker.held.has(scope));
  if (missing.length > 0) throw scopeNotHeld(missing);
  const key = prefixOf(actor) + randomToken();
  const row: ApiKeyRow = {
    id: actor.newId(),
    owner_id: maker.owner,
    name: wanted.name,
    prefix: key.slice(0, shown),
    hash: hashOf(key),
    scopes: JSON.stringify(wanted.scopes),
    created_at: actor.timestamp(),
    expires_at: wanted.expiresAt,
    last_used_at: null,
    revoked_at: null,
  };
  await tx.insert("api_keys", table, [row]);
  tx.audit({
    action,
    entity: "apiKey",
    entityId: row.id,
    after: { ...wanted, owner: maker.owner },
    meta: ctx.meta,
  });
  return { ...toKey(row), key };
}

export const apiKeys: Handler<typeof contract, "apiKeys", UsersActor> = async function () {
  const rows = await this.store.read.all<ApiKeyRow>(sql`select ${columns} from api_keys order by id desc`);
  return { data: rows.map(toKey) };
};

const day = 24 * 3600_000;

export const expiringApiKeys: Handler<typeof contract, "expiringApiKeys", UsersActor> = async function (ctx) {
  const now = this.clock.now();
  const [from, to] = [now, now + ctx.params.days * day].map((time) => new Date(time).toISOString());
  const data = await this.store.read.all<{ prefix: string; expiresAt: string }>(sql`
    select prefix, expires_at as "expiresAt" from api_keys
    where revoked_at is null and expires_at > ${from} and expires_at <= ${to} order by expires_at limit 50`);
  return { data };
};

export const createApiKey: Handler<typeof contract, "createApiKey", UsersActor> = async function (ctx) {
  const { name, scopes, expiresAt } = ctx.params;
  const ends = expiresAt === undefined ? null : new Date(expiresAt);
  if (ends && !(ends.getTime() > this.clock.now()))
    throw invalid([{ pointer: "/expiresAt", message: "must lie in the future" }]);
  const wanted = { name, scopes, expiresAt: ends?.toISOString() ?? null };
  return this.store.write((tx) => addKey(this, tx, ctx, wanted, "users.createApiKey"));
};

/** The new key lives as long as the old one was meant to. */
export const rotateApiKey: Handler<typeof contract, "rotateApiKey", UsersActor> = async function (ctx) {
  return this.store.write(async (tx) => {
    const old = await findKey(tx, ctx.params.id);
    if (!old || old.revoked_at !== null) throw notFound("apiKey");
    const life = old.expires_at === null ? null : Date.parse(old.expires_at) - Date.parse(old.created_at);
    const expiresAt = life === null ? null : new Date(this.clock.now() + life).toISOString();
    return addKey(this, tx, ctx, { name: old.name, scopes: scopesOf(old), expiresAt }, "users.rotateApiKey");
  });
};

export const revokeApiKey: Handler<typeof contract, "revokeApiKey", UsersActor> = async function (ctx) {
  const { id } = ctx.params;
  await this.store.write(async (tx) => {
    const row = await findKey(tx, id);
    if (!row) throw notFound("apiKey");
    const at = this.timestamp();
    const revoked = await tx.run(
      sql`update api_keys set revoked_at = ${at} where id = ${id} and revoked_at is null`,
    );
    if (revoked > 0)
      tx.audit({
        action: "users.revokeApiKey",
        entity: "apiKey",
        entityId: id,
        after: { revokedAt: at },
        meta: ctx.meta,
      });
  });
  await tellRevoked(ctx, [id]);
  return null;
};

/** Only for people to see when a key was last used: nobody waits for it, and it is written at most once a minute. */
function noteUse(actor: UsersActor, row: ApiKeyRow, now: number): void {
  if (row.last_used_at !== null && now - Date.parse(row.last_used_at) < useGranularity) return;
  const at = new Date(now).toISOString();
  const before = new Date(now - useGranularity).toISOString();
  actor.store
    .write((tx) =>
      tx.run(sql`
        update api_keys set last_used_at = ${at}
        where id = ${row.id} and (last_used_at is null or last_used_at <= ${before})`),
    )
    .catch((error: unknown) => actor.logger.warn("The last use of an API key was not written", error));
}

/** A key may do what it was made for, as far as its owner still may. */
export const authenticateKey: Handler<typeof contract, "authenticateKey", UsersActor> = async function (ctx) {
  const { key } = ctx.params;
  if (!key.startsWith(prefixOf(this))) return null;
  const row = await this.store.read.get<ApiKeyRow>(
    sql`select ${columns} from api_keys where hash = ${hashOf(key)}`,
  );
  const now = this.clock.now();
  if (!row || row.revoked_at !== null || (row.expires_at !== null && Date.parse(row.expires_at) <= now))
    return null;
  const owner = await findUser(this.store.read, row.owner_id);
  if (!owner || owner.disabled === 1) return null;
  noteUse(this, row, now);
  const held = new Set(permissionsOf[owner.role]);
  return { id: row.id, scopes: scopesOf(row).filter((scope) => held.has(scope)), owner: owner.id };
};
