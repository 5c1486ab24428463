import { createHash } from "node:crypto";
import type { Config } from "../../config/config.ts";
import { addressKey, limiter, type Limiter, type Sharers } from "../../mixins/limiter.ts";
import type { Meta } from "../../contract/meta.ts";
import { tooManyRequests } from "./users.errors.ts";

const quarter = 15 * 60;
const hour = 60 * 60;
/** Tries per window, in seconds; a login that succeeds takes its own tries back. */
const limits = {
  "login-account": { points: 9, durationSeconds: quarter },
  "login-address": { points: 20, durationSeconds: quarter },
  "login-device": { points: 9, durationSeconds: quarter },
  "password-change": { points: 9, durationSeconds: quarter },
  register: { points: 20, durationSeconds: hour },
  "forgot-account": { points: 5, durationSeconds: hour },
  "forgot-address": { points: 20, durationSeconds: hour },
} as const;
type Name = keyof typeof limits;

/** Tries that were counted and may be taken back. */
export type Counted = readonly (readonly [Name, string])[];

export interface Throttle {
  /** Counts one try against each; @throws 429 with `retryAfterSeconds` when one of them is used up. */
  admit(tries: Counted): Promise<Counted>;
  giveBack(tries: Counted): Promise<void>;
  close(): Promise<void>;
}

export function throttle(config: Pick<Config, "rateLimits" | "redisUrl">, sharers: Sharers): Throttle {
  const names = Object.keys(limits) as Name[];
  const all = new Map<Name, Limiter>(
    names.map((name) => [name, limiter(config, { name, ...limits[name] }, sharers)]),
  );
  const of = (name: Name) => all.get(name) as Limiter;
  return {
    async admit(tries) {
      const answers = await Promise.all(tries.map(([name, key]) => of(name).take(key)));
      const waits = answers.filter((answer) => !answer.allowed).map((answer) => answer.resetSeconds);
      if (waits.length > 0) throw tooManyRequests(Math.max(...waits));
      return tries;
    },
    async giveBack(tries) {
      await Promise.all(tries.map(([name, key]) => of(name).giveBack(key)));
    },
    async close() {
      await Promise.all([...all.values()].map((one) => one.close()));
    },
  };
}

/** An address and a user agent: where an account signed in before, its owner is not locked out by others' wrong tries. */
export const deviceOf = (meta: Meta): string =>
  createHash("sha256")
    .update(`${meta.ip ?? ""}\n${meta.userAgent ?? ""}`)
    .digest("base64url");

/** What a try to sign in counts against: a known device its own limit, any other the account's and the address's. */
export const loginTries = (key: string, meta: Meta, known: boolean): Counted =>
  known
    ? [["login-device", `${key}\n${deviceOf(meta)}`]]
    : [
        ["login-account", key],
        ["login-address", addressKey(meta.ip)],
      ];

export const registerTries = (meta: Meta): Counted => [["register", addressKey(meta.ip)]];
export const changeTries = (userId: string): Counted => [["password-change", userId]];
export const forgotTries = (key: string, meta: Meta): Counted => [
  ["forgot-account", key],
  ["forgot-address", addressKey(meta.ip)],
];
