import { Strategies, type BrokerOptions } from "moleculer";
import { shunnedOf } from "./shunned.ts";

interface Endpoint {
  id: string;
}
type RoundRobin = new (...args: unknown[]) => {
  broker: Parameters<typeof shunnedOf>[0];
  select(list: Endpoint[]): Endpoint;
};

/** In turn, and past the nodes that do not answer, unless nobody else is left. */
class ShunStrategy extends (Strategies.RoundRobin as unknown as RoundRobin) {
  override select(list: Endpoint[]): Endpoint {
    const shunned = shunnedOf(this.broker);
    const fit = list.filter(({ id }) => !shunned.has(id));
    return super.select(fit.length > 0 ? fit : list);
  }
}

type Registry = NonNullable<BrokerOptions["registry"]>;
export const shunStrategy = ShunStrategy as unknown as NonNullable<Registry["strategy"]>;
