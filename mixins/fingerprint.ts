import { hash } from "node:crypto";
import type { Meta } from "../contract/meta.ts";

const sha256 = (text: string): string => hash("sha256", text, "base64url");

const sorted = (_key: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

/** Hash of an action and its params; the order of fields does not count. */
export const fingerprintOf = (action: string, params: unknown): string =>
  sha256(JSON.stringify([action, params], sorted));

/**
 * Whom an `Idempotency-Key` belongs to: the account, the API key, or the holder of a cart's or an order's secret;
 * `guest` has the key alone.
 */
export function callerOf(meta: Meta): string {
  if (meta.caller !== undefined) return `${meta.caller.kind}:${meta.caller.id}`;
  const secret = meta.cartSecret ?? meta.orderSecret;
  return secret === undefined ? "guest" : `secret:${sha256(secret)}`;
}
