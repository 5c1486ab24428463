import { raw, type Sql } from "./sql.ts";
import type { SqlTx } from "./sql.types.ts";

/** Takes rows as a queue: what another node works on now is left to it, rather than waited for. `of` names one table of a join. */
export const skipLocked = ({ dialect }: SqlTx, of: "" | "of d" | "of e" = ""): Sql =>
  raw(dialect === "postgres" ? ` for update ${of} skip locked` : "");
