import { setTimeout as sleep } from "node:timers/promises";
import { isOutage } from "../../mixins/outage.ts";
import type { ProductsActor } from "./products.actor.ts";

/** How long one step of an import waits for a database or an actor that is away. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 500;

/**
 * Works a step of an import, again and again while what it needs is away; the step's repetition has no further effect.
 * @throws what ended the last try, when it was no outage, outlasted a minute, or the node is to stop
 */
export async function patiently<R>(actor: ProductsActor, step: () => Promise<R>): Promise<R> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await step();
    } catch (error) {
      if (!isOutage(error) || actor.importing?.stop || performance.now() > until) throw error;
      await sleep(PAUSE_MS);
    }
  }
}
