import { implement } from "../../contract/implement.ts";
import { decodeCursor, encodeCursor } from "../../mixins/cursor.ts";
import { sqlStore } from "../../mixins/sql-store.ts";
import type { SqlActor } from "../../mixins/sql.types.ts";
import contract from "./audit.contract.ts";
import { addEntry, entries, findEntries, type After } from "./audit.model.ts";
import migrations from "./migrations/index.ts";

const pageSize = 50;

function afterOf(cursor: string | undefined): After | undefined {
  if (cursor === undefined) return undefined;
  const [at, id] = decodeCursor(cursor, ["string", "string"]) as [string, string];
  return { at, id };
}

export default implement<typeof contract, SqlActor>(contract, {
  mixins: [
    sqlStore({
      tables: { entries },
      migrations,
      receives: {
        "audit.entry": (tx, event) => addEntry(tx, event.payload),
      },
    }),
  ],
  actions: {
    async list(ctx) {
      const { limit = pageSize, cursor, ...filter } = ctx.params;
      const found = await findEntries(this.store.read, filter, afterOf(cursor), limit + 1);
      const data = found.slice(0, limit);
      const last = data.at(-1);
      return { data, page: { next: found.length > limit && last ? encodeCursor([last.at, last.id]) : null } };
    },
  },
});
