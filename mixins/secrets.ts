import { createHmac, timingSafeEqual } from "node:crypto";

type Purpose = "cart" | "order" | "reset" | "verify";

/** Of each purpose. One checkout asks four times for the same two secrets, and each costs as much as a small statement of SQL. */
const RECENT = 500;
/** By id alone: a text made of all that it is derived from would have to be hashed for every look. */
const recent: Record<Purpose, Map<string, Derived>> = {
  cart: new Map(),
  order: new Map(),
  reset: new Map(),
  verify: new Map(),
};

interface Derived {
  readonly appSecret: string;
  readonly secret: string;
}

/**
 * The secret that proves a guest's right to a row. Derived, never stored: whoever has `APP_SECRET` and the id can make it again.
 * @returns 43 characters of base64url (HMAC-SHA256).
 */
export function deriveSecret(appSecret: string, purpose: Purpose, id: string): string {
  const known = recent[purpose];
  const found = known.get(id);
  if (found?.appSecret === appSecret) return found.secret;
  const secret = createHmac("sha256", appSecret).update(`${purpose}:${id}`).digest("base64url");
  if (known.size >= RECENT) known.delete(known.keys().next().value as string);
  known.set(id, { appSecret, secret });
  return secret;
}

/** Compares in constant time; false when either is missing. */
export function sameSecret(given: string | undefined, expected: string): boolean {
  if (given === undefined || given.length !== expected.length) return false;
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}

/** A token for a mail: the row's id and its derived secret. */
export const mailToken = (appSecret: string, purpose: "reset" | "verify", id: string): string =>
  `${id}.${deriveSecret(appSecret, purpose, id)}`;

/** The id in a mail's token; undefined when it was not made with this `APP_SECRET`. */
export function openMailToken(
  appSecret: string,
  purpose: "reset" | "verify",
  token: string,
): string | undefined {
  const dot = token.indexOf(".");
  if (dot < 0) return undefined;
  const id = token.slice(0, dot);
  return sameSecret(token.slice(dot + 1), deriveSecret(appSecret, purpose, id)) ? id : undefined;
}
