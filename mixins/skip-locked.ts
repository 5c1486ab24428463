import { raw, type Sql } from "./sql.ts";
import type { SqlTx } from "./sql.types.ts";

const nothing = raw("");
const skipping = {
  "": raw(" for update skip locked"),
  "of d": raw(" for update of d skip locked"),
  "of e": raw(" for update of e skip locked"),
};

/** Takes rows as a queue: what another node works on now is left to it, rather than waited for. `of` names one table of a join. */
export const skipLocked = ({ dialect }: SqlTx, of: "" | "of d" | "of e" = ""): Sql =>
  dialect === "postgres" ? skipping[of] : nothing;
