import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import jwt from "jsonwebtoken";
import { roles, type Role } from "../contract/permissions.ts";
import type { JwtKey } from "../config/config.ts";

/** What an access token says: account, session and role; never an e-mail address. */
export interface AccessClaims {
  sub: string;
  sid: string;
  role: Role;
}

/** Seconds that an access token lives. */
export const accessTokenSeconds = 15 * 60;

const issuer = "valence";
const audience = "valence-api";
const algorithm = "ES256";
const type = "at+jwt";
/** A token's own key, or the address of one, is never looked at: a header that names more than these is refused. */
const headerFields = new Set(["alg", "typ", "kid"]);
const longest = 2048;

interface KeySet {
  signing: { kid: string; key: KeyObject };
  verifying: ReadonlyMap<string, KeyObject>;
}
const sets = new WeakMap<readonly JwtKey[], KeySet>();

/** Keys are imported once per configuration; the first signs, all verify, so that a key can be rolled over. */
function keySet(keys: readonly JwtKey[]): KeySet {
  const known = sets.get(keys);
  if (known) return known;
  const made = keys.map((jwk) => ({
    kid: jwk.kid,
    key: createPrivateKey({ key: { ...jwk }, format: "jwk" }),
  }));
  const signing = made[0];
  if (!signing) throw new Error("JWT_KEYS holds no key");
  const set = { signing, verifying: new Map(made.map(({ kid, key }) => [kid, createPublicKey(key)])) };
  sets.set(keys, set);
  return set;
}

/** A signed access token; `now` in milliseconds. */
export function signAccessToken(keys: readonly JwtKey[], claims: AccessClaims, now: number): string {
  const { kid, key } = keySet(keys).signing;
  const { sub, sid, role } = claims;
  return jwt.sign({ sid, role, iat: Math.floor(now / 1000) }, key, {
    algorithm,
    header: { alg: algorithm, typ: type, kid },
    subject: sub,
    issuer,
    audience,
    expiresIn: accessTokenSeconds,
  });
}

const isRole = (value: unknown): value is Role => (roles as readonly unknown[]).includes(value);

/** The key that a header names, when it is one of ours and the header asks for nothing else. */
function keyFor(keys: readonly JwtKey[], header: jwt.JwtHeader): KeyObject | undefined {
  const strange = Object.keys(header).some((field) => !headerFields.has(field));
  if (strange || header.alg !== algorithm || header.typ !== type || typeof header.kid !== "string")
    return undefined;
  return keySet(keys).verifying.get(header.kid);
}

function claimsOf(payload: unknown): AccessClaims | undefined {
  if (typeof payload !== "object" || payload === null) return undefined;
  const { sub, sid, role, exp, iat } = payload as Record<string, unknown>;
  const timed = typeof exp === "number" && typeof iat === "number";
  return timed && typeof sub === "string" && typeof sid === "string" && isRole(role)
    ? { sub, sid, role }
    : undefined;
}

/**
 * The claims of a token that one of our keys signed, for us, and whose time is not over; undefined for anything else.
 * `now` in milliseconds.
 */
export function verifyAccessToken(
  keys: readonly JwtKey[],
  token: string,
  now: number,
): AccessClaims | undefined {
  if (token.length > longest) return undefined;
  try {
    const decoded = jwt.decode(token, { complete: true });
    const key = decoded ? keyFor(keys, decoded.header) : undefined;
    if (!key) return undefined;
    const clockTimestamp = Math.floor(now / 1000);
    return claimsOf(jwt.verify(token, key, { algorithms: [algorithm], issuer, audience, clockTimestamp }));
  } catch {
    return undefined;
  }
}
