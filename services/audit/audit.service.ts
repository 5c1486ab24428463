import { implement } from "../../contract/implement.ts";
import { sqlStore } from "../../mixins/sql-store.ts";
import type { SqlActor } from "../../mixins/sql.types.ts";
import contract from "./audit.contract.ts";
import { addEntry, entries, findEntries } from "./audit.model.ts";
import migrations from "./migrations/index.ts";

const pageSize = 50;

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
      const { limit = pageSize, sort = "-at", ...filter } = ctx.params;
      return findEntries(this.store.read, { ...filter, falling: sort === "-at" }, limit);
    },
  },
});
