import type { Handler } from "../../contract/implement.ts";
import { decodeCursor, encodeCursor } from "../../mixins/cursor.ts";
import { sql } from "../../mixins/sql.ts";
import type { UsersActor } from "./users.actor.ts";
import type contract from "./users.contract.ts";
import { toUser, userColumns, type UserRow } from "./users.model.ts";

const pageSize = 1000;

/** One part of the customers, in the order of their registration. */
export const exportCustomers: Handler<typeof contract, "exportCustomers", UsersActor> = async function (ctx) {
  const { after: cursor } = ctx.params;
  const [after] = cursor === undefined ? [""] : decodeCursor(cursor, ["string"]);
  const rows = await this.store.read.all<UserRow>(sql`
    select ${userColumns} from users where role = 'customer' and id > ${after} order by id limit ${pageSize}`);
  return {
    data: rows.map(toUser),
    next: rows.length < pageSize ? null : encodeCursor([rows.at(-1)?.id ?? ""]),
  };
};
