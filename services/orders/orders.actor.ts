import type { Caller } from "../../contract/implement.ts";
import type { SqlActor } from "../../mixins/sql.types.ts";
import type { Advance } from "./orders.advance.ts";
import type { Answer } from "./orders.keys.ts";
import type { Opened, OpenItem } from "./orders.open.ts";
import type { CountryRates } from "./orders.rates.ts";
import type { Saga } from "./orders.saga.ts";

/** `this` of the orders actor. */
export interface OrdersActor extends SqlActor {
  batches: {
    open(item: OpenItem): Promise<Opened>;
    advance(item: Advance): Promise<void>;
  };
  rates: Readonly<Record<string, CountryRates>>;
  /** Owner of the leases that this process takes: node id and boot. */
  owner: string;
  /** Sagas that run here now, by order id. */
  running: Map<string, Saga>;
  /** How many of them were left by somebody else. */
  resuming: number;
  /** Requests that run here now, by caller and idempotency key. */
  requests: Map<string, { fingerprint: string; answer: Promise<Answer> }>;
  numbers: { next: number; end: number; more?: Promise<void> };
  /** Live views by order id. */
  watchers: Map<string, Set<() => void>>;
  timers: NodeJS.Timeout[];
}

/** Calls of other actors outside a request: a resumed saga, a sweep. */
export const callsOf = (actor: OrdersActor): Pick<Caller, "call" | "broadcast"> => actor.broker;
