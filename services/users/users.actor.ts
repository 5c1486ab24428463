import type { Ctx } from "../../contract/implement.ts";
import { unauthenticated } from "../../contract/errors.ts";
import type { Config } from "../../config/config.ts";
import type { SqlActor } from "../../mixins/sql.types.ts";
import type { Passwords } from "./users.passwords.ts";
import type { Throttle } from "./users.throttle.ts";

/** `this` of the users actor. */
export interface UsersActor extends SqlActor {
  config: SqlActor["config"] & Config;
  passwords: Passwords;
  throttle: Throttle;
  timers: NodeJS.Timeout[];
}

export interface Customer {
  id: string;
  session: string;
}

/** The signed-in account; an API key is nobody's login. */
export function customerOf(ctx: Pick<Ctx, "meta">): Customer {
  const { caller } = ctx.meta;
  if (caller?.kind !== "account") throw unauthenticated();
  return { id: caller.id, session: caller.session };
}
