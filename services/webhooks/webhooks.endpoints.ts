import { versionMismatch } from "../../contract/errors.ts";
import type { Ctx, Handler } from "../../contract/implement.ts";
import { sql } from "../../mixins/sql.ts";
import type { SqlReader, SqlTx } from "../../mixins/sql.types.ts";
import type { WebhooksActor } from "./webhooks.actor.ts";
import { checkUrl } from "./webhooks.address.ts";
import type contract from "./webhooks.contract.ts";
import type { WebhookEndpoint } from "./webhooks.contract.ts";
import { endpointNotFound, tooManyEndpoints } from "./webhooks.errors.ts";
import { overlap, secretOf } from "./webhooks.secrets.ts";
import { endDeliveries } from "./webhooks.settle.ts";
import { columnsOf, endpoints as table, type EndpointRow } from "./webhooks.tables.ts";

const most = 50;
const columns = columnsOf(table);

const toEndpoint = (row: EndpointRow, now: number): WebhookEndpoint => ({
  id: row.id,
  url: row.url,
  types: JSON.parse(row.types) as WebhookEndpoint["types"],
  description: row.description,
  enabled: row.enabled === 1,
  disabledReason: row.disabled_reason,
  failingSince: row.failing_since,
  createdAt: row.created_at,
  previousSecretUntil:
    row.previous_until !== null && Date.parse(row.previous_until) > now ? row.previous_until : null,
  version: row.version,
});

export async function findEndpoint(reader: SqlReader, id: string): Promise<EndpointRow> {
  const row = await reader.get<EndpointRow>(sql`select ${columns} from endpoints where id = ${id}`);
  if (!row) throw endpointNotFound();
  return row;
}

/** What an audit entry may say of an endpoint. */
const shown = ({ url, types, description, enabled }: EndpointRow) => ({
  url,
  types: JSON.parse(types) as unknown,
  description,
  enabled: enabled === 1,
});

function audit(
  tx: SqlTx,
  ctx: Ctx,
  action: string,
  id: string,
  before?: EndpointRow,
  after?: EndpointRow,
): void {
  tx.audit({
    action: `webhooks.${action}`,
    entity: "webhookEndpoint",
    entityId: id,
    ...(before && { before: shown(before) }),
    ...(after && { after: shown(after) }),
    meta: ctx.meta,
  });
}

async function save(tx: SqlTx, row: EndpointRow): Promise<EndpointRow> {
  const next = { ...row, version: row.version + 1 };
  const { url, types, description, enabled, disabled_reason, failing_since } = next;
  await tx.run(sql`
    update endpoints set url = ${url}, types = ${types}, description = ${description}, enabled = ${enabled},
      disabled_reason = ${disabled_reason}, failing_since = ${failing_since}, secret_number = ${next.secret_number},
      previous_until = ${next.previous_until}, version = ${next.version}
    where id = ${row.id}`);
  return next;
}

export const endpoints: Handler<typeof contract, "endpoints", WebhooksActor> = async function () {
  const rows = await this.store.read.all<EndpointRow>(sql`select ${columns} from endpoints order by id`);
  return { data: rows.map((row) => toEndpoint(row, this.clock.now())) };
};

export const endpoint: Handler<typeof contract, "endpoint", WebhooksActor> = async function (ctx) {
  return toEndpoint(await findEndpoint(this.store.read, ctx.params.id), this.clock.now());
};

const contactOf = (actor: WebhooksActor, { meta: { caller } }: Ctx): string =>
  caller?.kind === "account" && caller.email !== "" ? caller.email : actor.config.adminEmail;

const rulesOf = ({ config }: WebhooksActor) => ({
  production: config.production,
  allowPrivate: config.webhookAllowPrivate,
});

export const createEndpoint: Handler<typeof contract, "createEndpoint", WebhooksActor> = async function (
  ctx,
) {
  const { types = ["*"], description = "" } = ctx.params;
  const row: EndpointRow = {
    id: this.newId(),
    url: await checkUrl(ctx.params.url, rulesOf(this)),
    types: JSON.stringify(types),
    description,
    enabled: 1,
    disabled_reason: null,
    failing_since: null,
    secret_number: 1,
    previous_until: null,
    contact: contactOf(this, ctx),
    created_at: this.timestamp(),
    version: 1,
  };
  await this.store.write(async (tx) => {
    const { count } = (await tx.get<{ count: number }>(sql`select count(*) as count from endpoints`)) ?? {
      count: 0,
    };
    if (count >= most) throw tooManyEndpoints(most);
    await tx.insert("endpoints", table, [row]);
    audit(tx, ctx, "createEndpoint", row.id, undefined, row);
  });
  return { ...toEndpoint(row, this.clock.now()), secret: secretOf(this.config.appSecret, row.id, 1) };
};

/** @throws 412 when the caller saw another version */
function checkVersion({ meta }: Pick<Ctx, "meta">, { version }: Pick<EndpointRow, "version">): void {
  if (meta.ifMatch !== undefined && meta.ifMatch !== version) throw versionMismatch();
}

export const updateEndpoint: Handler<typeof contract, "updateEndpoint", WebhooksActor> = async function (
  ctx,
) {
  const { id, url, types, description, enabled } = ctx.params;
  const checked = url === undefined ? undefined : await checkUrl(url, rulesOf(this));
  const saved = await this.store.write(async (tx) => {
    const before = await findEndpoint(tx, id);
    checkVersion(ctx, before);
    const after = await save(tx, {
      ...before,
      ...(checked !== undefined && { url: checked }),
      ...(types !== undefined && { types: JSON.stringify(types) }),
      ...(description !== undefined && { description }),
      ...(enabled === true && { enabled: 1, disabled_reason: null, failing_since: null }),
      ...(enabled === false && { enabled: 0, disabled_reason: before.disabled_reason ?? "manual" }),
    });
    if (enabled === false) await endDeliveries(tx, id);
    audit(tx, ctx, "updateEndpoint", id, before, after);
    return after;
  });
  return toEndpoint(saved, this.clock.now());
};

export const removeEndpoint: Handler<typeof contract, "removeEndpoint", WebhooksActor> = async function (
  ctx,
) {
  const { id } = ctx.params;
  await this.store.write(async (tx) => {
    const before = await findEndpoint(tx, id);
    checkVersion(ctx, before);
    await tx.run(
      sql`delete from attempts where delivery_id in (select id from deliveries where endpoint_id = ${id})`,
    );
    await tx.run(sql`delete from deliveries where endpoint_id = ${id}`);
    await tx.run(sql`delete from endpoints where id = ${id}`);
    audit(tx, ctx, "removeEndpoint", id, before);
  });
  return null;
};

export const rotateSecret: Handler<typeof contract, "rotateSecret", WebhooksActor> = async function (ctx) {
  const { id } = ctx.params;
  const now = this.clock.now();
  const saved = await this.store.write(async (tx) => {
    const before = await findEndpoint(tx, id);
    const after = await save(tx, {
      ...before,
      secret_number: before.secret_number + 1,
      previous_until: new Date(now + overlap).toISOString(),
    });
    audit(tx, ctx, "rotateSecret", id);
    return after;
  });
  return { ...toEndpoint(saved, now), secret: secretOf(this.config.appSecret, id, saved.secret_number) };
};
