import type { Middleware, Service, ServiceBroker } from "moleculer";
import type { Config } from "../config/config.ts";
import { setContext, type Clock } from "../mixins/context.ts";

/**
 * Gives the broker its config and clock (`contextOf(broker)`), and every service `clock`, `config`, `newId` and
 * `timestamp` before its `created` hook runs. First in the list: others read the context while they wrap.
 */
export function actorContext(broker: ServiceBroker, config: Config, clock: Clock): Middleware {
  const { newId, timestamp } = setContext(broker, config, clock);
  return {
    name: "ActorContext",
    serviceCreating(service: Service) {
      Object.assign(service, { clock, config, newId, timestamp });
    },
  };
}
