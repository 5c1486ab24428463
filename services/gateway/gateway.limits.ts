import type { Identity } from "../../contract/meta.ts";
import {
  addressKey,
  limiter,
  type Allowance,
  type Limiter,
  type LimiterConfig,
  type Sharers,
} from "../../mixins/limiter.ts";
import { tooManyRequests } from "./gateway.errors.ts";
import type { Published } from "./gateway.routes.ts";
import type { Exchange } from "./gateway.types.ts";

/** Which limit counts by address: sign-in and the like have a stricter one, renewing a session a middle one. */
export type AddressLimit = "auth" | "session" | "address";

/** Requests per window, of one address or one caller. */
const policies = {
  address: { points: 250, durationSeconds: 10 },
  auth: { points: 20, durationSeconds: 60 },
  session: { points: 60, durationSeconds: 60 },
  account: { points: 200, durationSeconds: 10 },
  key: { points: 200, durationSeconds: 10 },
} as const;
type Policy = keyof typeof policies;

const renewing = new Set(["users.refresh", "users.logout"]);

export const addressLimitOf = ({ name, path }: Published): AddressLimit =>
  renewing.has(name) ? "session" : path.startsWith("/auth/") ? "auth" : "address";

export interface Limits {
  readonly on: boolean;
  byAddress(exchange: Exchange, limit: AddressLimit): Promise<void>;
  byCaller(exchange: Exchange, caller: Identity): Promise<void>;
  close(): Promise<void>;
}

/**
 * Counts requests by address and by caller: with Redis for all gateways together, else each has its share. Every counted answer says
 * where its caller stands in `RateLimit` and `RateLimit-Policy` (IETF httpapi-ratelimit-headers).
 */
export function limits(config: LimiterConfig, sharers: Sharers): Limits {
  const limiters = Object.fromEntries(
    Object.entries(policies).map(([name, policy]) => [
      name,
      limiter(config, { name: `gateway-${name}`, ...policy }, sharers),
    ]),
  ) as Record<Policy, Limiter>;
  const count = async (exchange: Exchange, policy: Policy, key: string): Promise<void> => {
    const allowance = await limiters[policy].take(key);
    say(exchange, policy, allowance);
    if (!allowance.allowed) throw tooManyRequests(allowance.resetSeconds);
  };
  return {
    on: config.rateLimits,
    byAddress: (exchange, limit) => count(exchange, limit, addressKey(exchange.ip)),
    byCaller: (exchange, caller) => count(exchange, caller.kind, caller.id),
    async close() {
      await Promise.all(Object.values(limiters).map((one) => one.close()));
    },
  };
}

function say({ headers }: Exchange, policy: Policy, { limit, remaining, resetSeconds }: Allowance): void {
  const rule = `"${policy}";q=${limit};w=${policies[policy].durationSeconds}`;
  const state = `"${policy}";r=${remaining};t=${resetSeconds}`;
  append(headers, "RateLimit-Policy", rule);
  append(headers, "RateLimit", state);
}

function append(headers: string[], name: string, item: string): void {
  const at = headers.indexOf(name);
  if (at < 0) headers.push(name, item);
  else headers[at + 1] += `, ${item}`;
}
