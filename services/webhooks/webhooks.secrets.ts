import { createHmac } from "node:crypto";
import type { EndpointRow } from "./webhooks.tables.ts";

/** Milliseconds that the secret before the last rotation signs too. */
export const overlap = 24 * 3600_000;

/** Derived like the guests' secrets, never stored: the database alone signs nothing. */
export const secretOf = (appSecret: string, id: string, number: number): string =>
  `whsec_${createHmac("sha256", appSecret).update(`webhook:${id}:${number}`).digest("base64")}`;

/** The secrets that sign now, the newest first. */
export function liveSecrets(
  appSecret: string,
  { id, secret_number, previous_until }: Pick<EndpointRow, "id" | "secret_number" | "previous_until">,
  now: number,
): string[] {
  const newest = secretOf(appSecret, id, secret_number);
  return previous_until !== null && Date.parse(previous_until) > now
    ? [newest, secretOf(appSecret, id, secret_number - 1)]
    : [newest];
}
