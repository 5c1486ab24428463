import type { ActionMap } from "../contracts.ts";
import { availableOf, type Facts } from "./carts.facts.ts";
import { maxLines, maxUnits, toLine } from "./carts.lines.ts";
import type { Line } from "./carts.model.ts";

export type Notice = ActionMap["carts.merge"]["returns"]["notices"][number];

interface Pair {
  own: Line | undefined;
  guest: Line;
}

/** One line of a guest into the account's: added, capped by what is left, but never below what the account had. */
function mergeLine(
  { own, guest }: Pair,
  facts: Facts,
): { line: Line | undefined; notice: Notice | undefined } {
  const { sku, name } = guest;
  const offer = facts.offers.get(sku);
  const had = own?.quantity ?? 0;
  if (!offer) {
    const message = `${name} is no longer sold.`;
    return {
      line: { ...(own ?? guest), quantity: had || guest.quantity },
      notice: { sku, code: "NO_LONGER_SOLD", message },
    };
  }
  const wanted = had + guest.quantity;
  const quantity = Math.min(wanted, Math.max(had, availableOf(facts, sku)), maxUnits);
  const line = quantity === 0 ? undefined : toLine(offer, quantity);
  return { line, notice: noticeOf({ own, guest }, quantity, offer.price.amount) };
}

function noticeOf({ own, guest }: Pair, quantity: number, price: number): Notice | undefined {
  const { sku, name } = guest;
  const wanted = (own?.quantity ?? 0) + guest.quantity;
  if (quantity === 0) return { sku, code: "QUANTITY_CAPPED", message: `${name} is sold out.` };
  if (quantity < wanted)
    return { sku, code: "QUANTITY_CAPPED", message: `Only ${quantity} of ${name} could be kept.` };
  if (own)
    return { sku, code: "QUANTITIES_ADDED", message: `${name}: both carts together make ${quantity}.` };
  if (guest.price !== price)
    return { sku, code: "PRICE_CHANGED", message: `The price of ${name} has changed.` };
  return undefined;
}

/** The lines of both carts, the account's first, with a word on each that did not simply move over. */
export function mergeLines(
  own: readonly Line[],
  guest: readonly Line[],
  facts: Facts,
): { lines: Line[]; notices: Notice[] } {
  const lines = new Map(own.map((line) => [line.sku, line]));
  const notices: Notice[] = [];
  for (const theirs of guest) {
    const { sku, name } = theirs;
    const { line, notice } = mergeLine({ own: lines.get(sku), guest: theirs }, facts);
    if (line && (lines.has(sku) || lines.size < maxLines)) lines.set(sku, line);
    else if (line)
      notices.push({ sku, code: "QUANTITY_CAPPED", message: `The cart is full: ${name} was left out.` });
    if (notice) notices.push(notice);
  }
  return { lines: [...lines.values()], notices };
}
