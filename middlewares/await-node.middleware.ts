import { setTimeout as delay } from "node:timers/promises";
import type { Middleware, ServiceBroker } from "moleculer";
import { isType } from "../contract/errors.ts";
import { contextOf } from "../mixins/context.ts";

/** Milliseconds that a call waits for a node which offers its action, and between two looks. */
const MOST = 1000;
const LOOK_EVERY = 20;

/** Moleculer hangs the context on the promise, and takes what the call added to `meta` from there. */
type Answer = Promise<unknown> & { ctx?: unknown };
type Call = (name: string, params: object, options?: { nodeID?: string }) => Answer;

/** The registry itself found nobody, so nothing was sent; such an error of a node, or of an inner call, says more. */
const foundNobody = (error: unknown, name: string): boolean => {
  const { action, nodeID } = (error as { data?: { action?: string; nodeID?: string } }).data ?? {};
  return isType(error, "SERVICE_NOT_AVAILABLE") && action === name && nodeID === undefined;
};

interface Registry {
  getActionEndpoints(name: string): { hasAvailable(): boolean } | undefined;
}

/**
 * A call waits a moment when every node that offered its action has left: during a restart the next one is on its way. Nothing
 * was sent yet, so any call may wait. Actions that no node ever offered fail at once.
 */
export function awaitNode(broker: ServiceBroker): Middleware {
  if (contextOf(broker).config.transporter === undefined) return { name: "AwaitNode" };
  const registry = broker.registry as unknown as Registry;
  const wait = async (name: string, call: () => Answer, error: unknown): Promise<unknown> => {
    const until = performance.now() + MOST;
    while (performance.now() < until) {
      await delay(LOOK_EVERY);
      if (registry.getActionEndpoints(name)?.hasAvailable()) return call();
    }
    throw error;
  };
  const wrap =
    (next: Call): Call =>
    (name, params, options) => {
      const answer: Answer = next(name, params, options).catch((error: unknown) => {
        if (!foundNobody(error, name)) throw error;
        const again = (): Answer => {
          const second = next(name, params, options);
          answer.ctx = second.ctx;
          return second;
        };
        return wait(name, again, error);
      });
      return answer;
    };
  return { name: "AwaitNode", call: wrap } as unknown as Middleware;
}
