import { refuse } from "../../contract/errors.ts";
import type { Caller, Handler } from "../../contract/implement.ts";
import { contextOf } from "../../mixins/context.ts";
import { isMovable, type SandboxClock } from "../../mixins/sandbox-clock.ts";
import { sql } from "../../mixins/sql.ts";
import type { SqlReader } from "../../mixins/sql.types.ts";
import type { UsersActor } from "./users.actor.ts";
import type contract from "./users.contract.ts";

const sandboxOff = () => refuse(404, "SANDBOX_OFF", "This store is not a sandbox.");

/** @throws 404 outside a sandbox */
function clockOf(actor: UsersActor): SandboxClock {
  const { clock } = contextOf(actor.broker);
  if (!isMovable(clock)) throw sandboxOff();
  return clock;
}

const stored = async (reader: SqlReader): Promise<number> =>
  (await reader.get<{ ahead: number }>(sql`select ahead from sandbox_clock where id = 1`))?.ahead ?? 0;

const shown = (clock: SandboxClock) => ({
  now: new Date(clock.now()).toISOString(),
  aheadSeconds: Math.floor(clock.ahead / 1000),
});

/** After a restart the clock stands where it was moved to. */
export async function windClock(actor: UsersActor): Promise<void> {
  clockOf(actor).moveTo(await stored(actor.store.read));
}

/** Also how nodes that start ask for the time: what is stored counts. */
export const sandbox: Handler<typeof contract, "sandbox", UsersActor> = async function () {
  const clock = clockOf(this);
  clock.moveTo(await stored(this.store.read));
  return shown(clock);
};

export const moveClock: Handler<typeof contract, "moveClock", UsersActor> = async function (ctx) {
  const clock = clockOf(this);
  const by = ctx.params.advanceSeconds * 1000;
  const ahead = await this.store.writeOnce(ctx, async (tx) => {
    await tx.run(sql`
      insert into sandbox_clock (id, ahead) values (1, ${by})
      on conflict (id) do update set ahead = sandbox_clock.ahead + ${by}`);
    return stored(tx);
  });
  clock.moveTo(ahead);
  await ctx.broadcast("users.clockMoved", { ahead });
  return shown(clock);
};

/** Orders first, so that nothing new comes of them at the others. */
const wiped = ["orders.wipe", "payments.wipe", "inventory.wipe", "carts.wipe", "notifications.wipe"] as const;

export const resetSandbox: Handler<typeof contract, "resetSandbox", UsersActor> = async function (ctx) {
  const clock = clockOf(this);
  for (const action of wiped) await (ctx as Pick<Caller, "call">).call(action, {});
  await this.store.write((tx) => {
    tx.audit({ action: "users.resetSandbox", entity: "sandbox", entityId: "sandbox", meta: ctx.meta });
    return Promise.resolve();
  });
  return shown(clock);
};
