import type { Static } from "typebox";
import { notFound, unauthenticated } from "../../contract/errors.ts";
import type { Handler } from "../../contract/implement.ts";
import type { Address } from "../../contract/shapes.ts";
import { sql } from "../../mixins/sql.ts";
import type { SqlReader, SqlTx } from "../../mixins/sql.types.ts";
import type contract from "./users.contract.ts";
import type { SavedAddress } from "./users.shapes.ts";
import { customerOf, type UsersActor } from "./users.actor.ts";
import { tooManyAddresses } from "./users.errors.ts";
import { addresses as table, lockUser } from "./users.model.ts";
import { checkVersion } from "./users.profile.ts";

const most = 50;

interface AddressRow {
  id: string;
  address: string;
  is_default: number;
  version: number;
}

const toAddress = (row: AddressRow): Static<typeof SavedAddress> => ({
  ...(JSON.parse(row.address) as Address),
  id: row.id,
  isDefault: row.is_default === 1,
  version: row.version,
});

const rowsOf = (reader: SqlReader, userId: string): Promise<AddressRow[]> =>
  reader.all<AddressRow>(sql`
    select id, address, is_default, version from addresses where user_id = ${userId} order by id`);

/** The account's addresses, held until the transaction ends: its row is the lock. */
async function lockRows(tx: SqlTx, userId: string): Promise<AddressRow[]> {
  if (!(await lockUser(tx, userId))) throw unauthenticated();
  return rowsOf(tx, userId);
}

/** Takes the mark off the default address, before another one gets it. */
const clearDefault = (tx: SqlTx, userId: string): Promise<number> =>
  tx.run(
    sql`update addresses set is_default = 0, version = version + 1 where user_id = ${userId} and is_default = 1`,
  );

export const addresses: Handler<typeof contract, "addresses", UsersActor> = async function (ctx) {
  return { data: (await rowsOf(this.store.read, customerOf(ctx).id)).map(toAddress) };
};

/** The first address is the default one, and one of them always is. */
export const addAddress: Handler<typeof contract, "addAddress", UsersActor> = async function (ctx) {
  const { id: userId } = customerOf(ctx);
  const { isDefault, ...address } = ctx.params;
  return this.store.writeOnce(ctx, async (tx) => {
    const rows = await lockRows(tx, userId);
    if (rows.length >= most) throw tooManyAddresses(most);
    const marked = isDefault === true || rows.length === 0;
    if (marked) await clearDefault(tx, userId);
    const row = {
      id: this.newId(),
      address: JSON.stringify(address),
      is_default: marked ? 1 : 0,
      version: 1,
    };
    await tx.insert("addresses", table, [{ ...row, user_id: userId }]);
    return toAddress(row);
  });
};

export const updateAddress: Handler<typeof contract, "updateAddress", UsersActor> = async function (ctx) {
  const { id: userId } = customerOf(ctx);
  const { id, isDefault, ...change } = ctx.params;
  return this.store.writeOnce(ctx, async (tx) => {
    const row = (await lockRows(tx, userId)).find((one) => one.id === id);
    if (!row) throw notFound("address");
    checkVersion(ctx.meta, row);
    const marked = isDefault === true || row.is_default === 1;
    if (marked && row.is_default === 0) await clearDefault(tx, userId);
    const address = JSON.stringify({ ...(JSON.parse(row.address) as Address), ...change });
    const next = { id, address, is_default: marked ? 1 : 0, version: row.version + 1 };
    await tx.run(sql`
      update addresses set address = ${address}, is_default = ${next.is_default}, version = ${next.version}
      where id = ${id}`);
    return toAddress(next);
  });
};

/** When the default address goes, the oldest other one takes its place. */
export const removeAddress: Handler<typeof contract, "removeAddress", UsersActor> = async function (ctx) {
  const { id: userId } = customerOf(ctx);
  const { id } = ctx.params;
  await this.store.write(async (tx) => {
    const rows = await lockRows(tx, userId);
    const row = rows.find((one) => one.id === id);
    if (!row) throw notFound("address");
    checkVersion(ctx.meta, row);
    await tx.run(sql`delete from addresses where id = ${id}`);
    const heir = row.is_default === 1 ? rows.find((one) => one.id !== id) : undefined;
    if (heir)
      await tx.run(sql`update addresses set is_default = 1, version = version + 1 where id = ${heir.id}`);
  });
  return null;
};
