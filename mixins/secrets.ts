import { createHmac, timingSafeEqual } from "node:crypto";

type Purpose = "cart" | "order" | "reset" | "verify";

/** One checkout asks four times for the same two secrets, and each costs as much as a small statement of SQL. */
const RECENT = 1000;
const recent = new Map<string, string>();

/**
 * The secret that proves a guest's right to a row. Derived, never stored: whoever has `APP_SECRET` and the id can make it again.
 * @returns 43 characters of base64url (HMAC-SHA256).
 */
export function deriveSecret(appSecret: string, purpose: Purpose, id: string): string {
  const key = `${appSecret}:${purpose}:${id}`;
  let secret = recent.get(key);
  if (secret === undefined) {
    secret = createHmac("sha256", appSecret).update(`${purpose}:${id}`).digest("base64url");
    if (recent.size >= RECENT) recent.delete(recent.keys().next().value as string);
    recent.set(key, secret);
  }
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
