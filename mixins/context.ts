import type { ServiceBroker } from "moleculer";
import type { Config } from "../config/config.ts";
import { uuidv7 } from "./uuid.ts";

export type { Config } from "../config/config.ts";

/** The only source of time. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** What every actor of one broker shares. */
export interface BrokerContext {
  readonly config: Config;
  readonly clock: Clock;
  /** A fresh UUIDv7; ids made by one broker sort in the order they were made. */
  newId(): string;
  /** The time as an ISO string in UTC. */
  timestamp(): string;
  /** What this process still does before it is ready, in words (filling an empty catalogue). */
  readonly opening: Set<string>;
}

/**
 * Keyed by broker rather than kept in `broker.metadata`: Moleculer sends the metadata to every other node in its INFO
 * packet, and the config holds secrets.
 */
const contexts = new WeakMap<object, BrokerContext>();

/** A busy actor asks many times within one millisecond. */
function timestamps(clock: Clock): () => string {
  let last = NaN;
  let text = "";
  return () => {
    const now = clock.now();
    if (now !== last) {
      last = now;
      text = new Date(now).toISOString();
    }
    return text;
  };
}

/** Called once by the broker's preset, before any service is created. */
export function setContext(broker: ServiceBroker, config: Config, clock: Clock): BrokerContext {
  const opening = new Set<string>();
  const context = { config, clock, newId: uuidv7(clock), timestamp: timestamps(clock), opening };
  contexts.set(broker, context);
  return context;
}

/** Config, clock and ids of a broker that was made with `brokerOptions()` of moleculer.config.ts. */
export function contextOf(broker: ServiceBroker): BrokerContext {
  const context = contexts.get(broker);
  if (!context) throw new Error("This broker was not made with brokerOptions() of moleculer.config.ts");
  return context;
}
