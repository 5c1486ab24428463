import { setTimeout as sleep } from "node:timers/promises";
import type { Context, Middleware, ServiceBroker, ServiceSchema } from "moleculer";
import type { Caller } from "../contract/implement.ts";
import { contextOf } from "../mixins/context.ts";
import { isMovable } from "../mixins/sandbox-clock.ts";

/** Milliseconds between two tries of a node that starts to learn the time. */
const pause = 500;

function moveTo(broker: ServiceBroker, ahead: number): void {
  const { clock } = contextOf(broker);
  if (isMovable(clock)) clock.moveTo(ahead);
}

const listener = (broker: ServiceBroker): ServiceSchema => ({
  name: "$sandbox",
  events: {
    "users.clockMoved": (ctx: Context<{ ahead: number }>) => moveTo(broker, ctx.params.ahead),
  },
});

async function learn(broker: ServiceBroker, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const { aheadSeconds } = await (broker as unknown as Caller).call("users.sandbox", {});
      return moveTo(broker, aheadSeconds * 1000);
    } catch {
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Every node of a sandbox goes by the same clock: it asks when it starts, and is told when the clock is moved. */
export function sandboxClock(broker: ServiceBroker): Middleware {
  const stop = new AbortController();
  return {
    name: "SandboxClock",
    created: () => void broker.createService(listener(broker)),
    started() {
      // Not waited for: the node that knows the time may start after this one.
      void learn(broker, stop.signal);
      return Promise.resolve();
    },
    stopped() {
      stop.abort();
      return Promise.resolve();
    },
  };
}
