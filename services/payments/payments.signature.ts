import { createHmac } from "node:crypto";
import { sameSecret } from "../../mixins/secrets.ts";
import { signatureInvalid } from "./payments.errors.ts";

/** Seconds that a report may be old, or ahead. */
const tolerance = 5 * 60;

/** Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`. */
const sign = (secret: string, id: string, timestamp: string, raw: string): string =>
  `v1,${createHmac("sha256", secret).update(`${id}.${timestamp}.${raw}`).digest("base64")}`;

/** Headers that prove who sent `raw`, made at `now` (milliseconds). */
export function signedHeaders(secret: string, id: string, raw: string, now: number): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": sign(secret, id, timestamp, raw),
  };
}

/** @returns the id of the report. @throws 400 when the signature is wrong, or older than five minutes */
export function verifySignature(
  secret: string,
  { headers, raw }: { headers: Readonly<Record<string, string>>; raw: string },
  now: number,
): string {
  const id = headers["webhook-id"] ?? "";
  const timestamp = headers["webhook-timestamp"] ?? "";
  if (id === "" || !/^\d{1,12}$/.test(timestamp)) throw signatureInvalid();
  if (Math.abs(now / 1000 - Number(timestamp)) > tolerance) throw signatureInvalid();
  const expected = sign(secret, id, timestamp, raw);
  const given = (headers["webhook-signature"] ?? "").split(" ");
  if (!given.some((one) => sameSecret(one, expected))) throw signatureInvalid();
  return id;
}
