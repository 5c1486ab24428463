import { createHash, randomBytes } from "node:crypto";
import { accessTokenSeconds, signAccessToken } from "../../mixins/access-tokens.ts";
import type { Meta } from "../../contract/meta.ts";
import type { UsersActor } from "./users.actor.ts";
import { toUser, type UserRow } from "./users.model.ts";

/** A fresh secret of 256 bits, as text. */
export const randomToken = (): string => randomBytes(32).toString("base64url");

/** What is stored of a random secret; it needs no salt and no slowness, since nobody can guess it. */
export const hashOf = (token: string): string => createHash("sha256").update(token).digest("base64url");

/** A session that was opened or went on; `token` is its only live refresh token. */
export interface Opened {
  user: UserRow;
  session: string;
  token: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

/** The answer of login and refresh; the refresh token goes into the cookie. */
export function loginAnswer(actor: UsersActor, meta: Meta, { user, session, token, expiresAt }: Opened) {
  const now = actor.clock.now();
  meta.setRefreshToken = { token, maxAgeSeconds: Math.floor((expiresAt - now) / 1000) };
  const claims = { sub: user.id, sid: session, role: user.role };
  return {
    accessToken: signAccessToken(actor.config.jwtKeys, claims, now),
    expiresIn: accessTokenSeconds,
    user: toUser(user),
  };
}
