import type { Caller } from "../../contract/implement.ts";
import type { Identity } from "../../contract/meta.ts";
import type { Clock } from "../../mixins/sql.types.ts";
import { invalidToken } from "./gateway.errors.ts";
import { Recent } from "../../mixins/recent.ts";

/** What a verified access token says. */
export interface Claims {
  readonly account: string;
  readonly session: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Milliseconds that a session or key is taken as alive without asking again. */
const trustFor = 1000;
const maxTokenLength = 4096;
const maxKeyLength = 200;

interface Options {
  readonly clock: Clock;
  readonly call: Caller["call"];
  /** Undefined for a token that is not ours, was changed or has expired. */
  verify(token: string): Claims | undefined;
}

/** Who is behind an `Authorization` header: verified tokens, live sessions and API keys are remembered for a short while. */
export class Identities {
  readonly #options: Options;
  readonly #claims = new Recent<Claims>(10_000);
  readonly #sessions = new Recent<Promise<Identity | null>>(10_000);
  readonly #keys = new Recent<Promise<Identity | null>>(1_000);
  /** Key strings by the id of their API key, for revocations. */
  readonly #keyOf = new Recent<string>(1_000);

  constructor(options: Options) {
    this.#options = options;
  }

  /** @throws 401 `INVALID_TOKEN` for anything but a live token or key. */
  async of(header: string): Promise<Identity> {
    const credential = bearer(header);
    const found = credential.startsWith("vk_") ? this.#key(credential) : this.#session(credential);
    const identity = await found;
    if (identity === null) throw invalidToken();
    return identity;
  }

  forgetSessions(ids: readonly string[]): void {
    for (const id of ids) this.#sessions.delete(id);
  }

  forgetKey(id: string): void {
    const key = this.#keyOf.get(id, 0);
    if (key !== undefined) this.#keys.delete(key);
  }

  #session(token: string): Promise<Identity | null> {
    const now = this.#options.clock.now();
    const claims = this.#claimsOf(token, now);
    return this.#sessions.remember(claims.session, now, trustFor, () => this.#askSession(claims));
  }

  #claimsOf(token: string, now: number): Claims {
    const known = this.#claims.get(token, now);
    if (known !== undefined) return known;
    const claims = this.#options.verify(token);
    if (claims === undefined || claims.expiresAt <= now) throw invalidToken();
    this.#claims.set(token, claims, claims.expiresAt);
    return claims;
  }

  async #askSession({ session, account }: Claims): Promise<Identity | null> {
    const live = await this.#options.call("users.session", { session });
    if (live === null || live.account !== account) return null;
    return { kind: "account", id: live.account, role: live.role, session, email: live.email };
  }

  #key(key: string): Promise<Identity | null> {
    if (key.length > maxKeyLength) throw invalidToken();
    return this.#keys.remember(key, this.#options.clock.now(), trustFor, () => this.#askKey(key));
  }

  async #askKey(key: string): Promise<Identity | null> {
    const known = await this.#options.call("users.authenticateKey", { key });
    if (known === null) return null;
    this.#keyOf.set(known.id, key, Number.POSITIVE_INFINITY);
    return { kind: "key", id: known.id, scopes: known.scopes, owner: known.owner };
  }
}

function bearer(header: string): string {
  const credential = header.slice(7).trim();
  const wellFormed =
    header.slice(0, 7).toLowerCase() === "bearer " && /^[A-Za-z0-9._~+/=-]+$/.test(credential);
  if (!wellFormed || credential.length > maxTokenLength) throw invalidToken();
  return credential;
}
