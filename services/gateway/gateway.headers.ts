import type { IncomingHttpHeaders } from "node:http";
import type { PublishedAction } from "../../contract/define.ts";
import type { Meta } from "../../contract/meta.ts";
import { keyMalformed, keyRequired, versionMalformed, versionRequired } from "./gateway.errors.ts";

const requestId = /^[A-Za-z0-9_-]{8,64}$/;
const visible = /^[\x21-\x7e]{1,255}$/;
const version = /^"(\d{1,15})"$/;

/** A client's own request id, when it is one that may stand in logs. */
export function givenRequestId(headers: IncomingHttpHeaders): string | undefined {
  const given = headers["x-request-id"];
  return typeof given === "string" && requestId.test(given) ? given : undefined;
}

/** Reads what the action may know of the headers into the call's meta. */
export function readHeaders(headers: IncomingHttpHeaders, action: PublishedAction, meta: Meta): void {
  if (action.idempotencyKey !== undefined) readKey(headers, action.idempotencyKey, meta);
  if (action.ifMatch !== undefined) readVersion(headers, action.ifMatch, meta);
  const cart = headers["x-cart-secret"];
  if (typeof cart === "string") meta.cartSecret = cart.slice(0, 200);
  const order = headers["x-order-secret"];
  if (typeof order === "string") meta.orderSecret = order.slice(0, 200);
  const last = headers["last-event-id"];
  if (typeof last === "string") meta.lastEventId = last.slice(0, 100);
  if (headers["user-agent"] !== undefined) meta.userAgent = headers["user-agent"].slice(0, 300);
  if (headers["accept-language"] !== undefined) meta.languages = languagesOf(headers["accept-language"]);
}

function readKey(headers: IncomingHttpHeaders, need: "required" | "optional", meta: Meta): void {
  const key = headers["idempotency-key"];
  if (key === undefined) {
    if (need === "required") throw keyRequired();
    return;
  }
  if (typeof key !== "string" || !visible.test(key)) throw keyMalformed();
  meta.idempotencyKey = key;
}

function readVersion(headers: IncomingHttpHeaders, need: "required" | "optional", meta: Meta): void {
  const given = headers["if-match"];
  if (given === undefined) {
    if (need === "required") throw versionRequired();
    return;
  }
  const match = version.exec(given);
  if (match === null) throw versionMalformed();
  meta.ifMatch = Number(match[1]);
}

const known = new Map<string, readonly string[]>();
const maxKnown = 500;

/** Two-letter languages of an `Accept-Language`, best first. */
export function languagesOf(header: string): readonly string[] {
  const seen = known.get(header);
  if (seen !== undefined) return seen;
  const wishes = header
    .slice(0, 500)
    .split(",")
    .map((part) => {
      const [tag = "", quality] = part.trim().split(";q=");
      return {
        language: tag.slice(0, 2).toLowerCase(),
        quality: quality === undefined ? 1 : Number(quality),
      };
    })
    .filter((wish) => /^[a-z]{2}$/.test(wish.language) && wish.quality > 0);
  wishes.sort((a, b) => b.quality - a.quality);
  const languages = [...new Set(wishes.map((wish) => wish.language))].slice(0, 10);
  if (known.size >= maxKnown) known.clear();
  known.set(header, languages);
  return languages;
}
