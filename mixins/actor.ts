import type { ServiceSchema } from "moleculer";
import { contextOf } from "./context.ts";
import type { Actor } from "./sql.types.ts";

/** What every actor has: the injected clock, ids, times and the checked configuration. */
export const actor = {
  created(this: Actor) {
    const { clock, config, newId } = contextOf(this.broker);
    this.clock = clock;
    this.config = config;
    this.newId = newId;
    this.timestamp = () => new Date(clock.now()).toISOString();
  },
} as unknown as Partial<ServiceSchema>;
