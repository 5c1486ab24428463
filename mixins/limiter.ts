import { createHash } from "node:crypto";
import { isIPv6 } from "node:net";
import { RateLimiterMemory, RateLimiterRedis, type RateLimiterAbstract } from "rate-limiter-flexible";
import { borrowRedis, type RedisLoan } from "./limiter-redis.ts";

/** What a limiter says about one try. Times in seconds. */
export interface Allowance {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Until the window ends. */
  readonly resetSeconds: number;
}

export interface Limiter {
  readonly points: number;
  readonly durationSeconds: number;
  /** Counts one try; what is over the limit is counted too. */
  take(key: string): Promise<Allowance>;
  /** Takes a try back that turned out to be harmless. */
  giveBack(key: string): Promise<void>;
  close(): Promise<void>;
}

export interface LimiterOptions {
  /** Apart from all others, for the keys in Redis. */
  name: string;
  points: number;
  durationSeconds: number;
}

export interface LimiterConfig {
  readonly rateLimits: boolean;
  readonly redisUrl: string | undefined;
}

/** How many nodes count side by side. */
export type Sharers = () => number;

const off = ({ points, durationSeconds }: LimiterOptions): Limiter => ({
  points,
  durationSeconds,
  take: () =>
    Promise.resolve({ allowed: true, limit: points, remaining: points, resetSeconds: durationSeconds }),
  giveBack: () => Promise.resolve(),
  close: () => Promise.resolve(),
});

/** Keys may hold addresses of people: only their hash is kept. */
const hashed = (key: string): string => createHash("sha256").update(key).digest("base64url").slice(0, 22);

interface Window {
  msBeforeNext: number;
  remainingPoints: number;
}

const isWindow = (value: unknown): value is Window =>
  typeof value === "object" && value !== null && "msBeforeNext" in value;

function allowance(allowed: boolean, limit: number, window: Window): Allowance {
  const resetSeconds = Math.max(1, Math.ceil(window.msBeforeNext / 1000));
  return { allowed, limit, remaining: Math.max(0, window.remainingPoints), resetSeconds };
}

/** Counts in memory: each of several nodes lets its share of the points pass, so that together they keep the limit. */
class ShareLimiter extends RateLimiterMemory {
  readonly #all: number;
  readonly #sharers: Sharers;

  constructor(options: { keyPrefix: string; points: number; duration: number }, sharers: Sharers) {
    super(options);
    this.#all = options.points;
    this.#sharers = sharers;
  }

  override consume(key: string | number, points?: number): ReturnType<RateLimiterMemory["consume"]> {
    this.points = Math.max(1, Math.floor(this.#all / this.#sharers()));
    return super.consume(key, points);
  }
}

/**
 * Counts tries per key in windows of `durationSeconds`; in Redis, for all nodes together, when the configuration names
 * one. Else in memory, where each of the nodes has its share of the points; so too while Redis cannot be reached. Lets
 * everything pass when the configuration has limits off.
 */
export function limiter(config: LimiterConfig, options: LimiterOptions, sharers: Sharers = () => 1): Limiter {
  if (!config.rateLimits) return off(options);
  const { name, points, durationSeconds } = options;
  const base = { keyPrefix: `limit:${name}`, points, duration: durationSeconds };
  const memory = new ShareLimiter(base, sharers);
  const loan: RedisLoan | undefined =
    config.redisUrl === undefined ? undefined : borrowRedis(config.redisUrl);
  const backend: Promise<RateLimiterAbstract> = loan
    ? loan.client.then(
        (storeClient) => new RateLimiterRedis({ ...base, storeClient, insuranceLimiter: memory }),
      )
    : Promise.resolve(memory);
  backend.catch(() => undefined);

  return {
    points,
    durationSeconds,
    async take(key) {
      try {
        return allowance(true, points, await (await backend).consume(hashed(key)));
      } catch (refusal) {
        if (isWindow(refusal)) return allowance(false, points, refusal);
        throw refusal;
      }
    },
    async giveBack(key) {
      await (await backend).reward(hashed(key));
    },
    async close() {
      await loan?.close();
    },
  };
}

/** One key per household: an IPv6 client owns a whole /64, so its single addresses say nothing. */
export function addressKey(ip: string | undefined): string {
  if (ip === undefined) return "unknown";
  const plain = ip.startsWith("::ffff:") ? ip.slice(7) : ip;
  if (!isIPv6(plain)) return plain;
  const [head = "", tail] = plain.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array.from({ length: zeros }, () => "0"), ...right];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
}
