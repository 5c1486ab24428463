import type { ServiceSchema } from "moleculer";
import { contextOf } from "./context.ts";
import type { Actor } from "./sql.types.ts";

/** What every actor has: the injected clock, ids, times and the checked configuration. */
export const actor = {
  created(this: Actor) {
    const { clock, config, newId, timestamp } = contextOf(this.broker);
    Object.assign(this, { clock, config, newId, timestamp });
  },
} as unknown as Partial<ServiceSchema>;
