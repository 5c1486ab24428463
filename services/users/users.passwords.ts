import { readFileSync } from "node:fs";
import { hash, verify } from "@node-rs/argon2";
import type { Config } from "../../config/config.ts";
import { passwordTooCommon } from "./users.errors.ts";

/** argon2id is the library's default; memory in KiB. OWASP's minimum. */
const costs = {
  strong: { memoryCost: 19_456, timeCost: 2, parallelism: 1 },
  cheap: { memoryCost: 64, timeCost: 1, parallelism: 1 },
} as const;

/** Most used first, lower case, at least 8 characters: shorter ones are refused by their length. */
const common = new Set(
  readFileSync(new URL("common-passwords.txt", import.meta.url), "utf8")
    .split("\n")
    .filter((word) => word !== "" && !word.startsWith("#")),
);

export interface Passwords {
  hash(password: string): Promise<string>;
  /** Without a hash it works as long as with one, and says no. */
  verify(password: string, hash: string | undefined): Promise<boolean>;
  /** Whether a hash is weaker than what is made today. */
  outdated(hash: string): boolean;
}

/** The same letters typed on another keyboard are the same password. */
const normal = (password: string): string => password.normalize("NFC");

function costOf(hashed: string): { m: number; t: number; p: number } {
  const [, m = 0, t = 0, p = 0] = (/\$m=(\d+),t=(\d+),p=(\d+)\$/.exec(hashed) ?? []).map(Number);
  return { m, t, p };
}

/** Hashes and verifies in the thread pool; never to be awaited inside a transaction. */
export function passwords(config: Pick<Config, "passwordCost">): Passwords {
  const cost = costs[config.passwordCost];
  const decoy = hash("nobody's password", cost);
  decoy.catch(() => undefined);
  return {
    hash: (password) => hash(normal(password), cost),
    async verify(password, hashed) {
      const right = await verify(hashed ?? (await decoy), normal(password));
      return right && hashed !== undefined;
    },
    outdated(hashed) {
      const { m, t, p } = costOf(hashed);
      return (
        !hashed.startsWith("$argon2id$") || m < cost.memoryCost || t < cost.timeCost || p < cost.parallelism
      );
    },
  };
}

/** @throws 422 `PASSWORD_TOO_COMMON` when many people use it, or when it is the account's own address. */
export function refuseCommon(password: string, email: string): void {
  const plain = normal(password).toLowerCase();
  const own = email.toLowerCase();
  if (common.has(plain) || plain === own || plain === own.split("@")[0]) throw passwordTooCommon();
}
