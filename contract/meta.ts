import type { Permission, Role } from "./permissions.ts";

/** Who calls, as the gateway authenticated it; left out: a guest. Inside the cluster it is trusted. */
export type Identity =
  | { kind: "account"; id: string; role: Role; session: string; email: string }
  | { kind: "key"; id: string; scopes: readonly Permission[]; owner: string };

/** What travels with every call beside its params. */
export interface Meta {
  caller?: Identity;
  /** Validated `Idempotency-Key` of the request. */
  idempotencyKey?: string;
  /** Version that `If-Match` names; 412 when the row has moved on. */
  ifMatch?: number;
  cartSecret?: string;
  orderSecret?: string;
  /** `Last-Event-ID`: where a reader of a stream left off. */
  lastEventId?: string;
  /** The client's address after `TRUSTED_PROXIES`. */
  ip?: string;
  userAgent?: string;
  /** The refresh cookie's value; only `users.refresh` and `users.logout` read it. */
  refreshToken?: string;
  /** Set by `users.login`, `refresh` and `logout`: the gateway turns it into the cookie; null clears it. */
  setRefreshToken?: { token: string; maxAgeSeconds: number } | null;
  /** Set when the answer is a stored one: the gateway adds `Idempotent-Replayed: true`. */
  replayed?: boolean;
  /** Set by an action whose success status differs from the contract's. */
  status?: number;
  /** Headers and raw body of a provider's webhook. */
  webhook?: { headers: Record<string, string>; raw: string };
  /** Two-letter languages of `Accept-Language`, best first. */
  languages?: readonly string[];
}
