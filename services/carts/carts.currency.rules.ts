import { toLine } from "./carts.lines.ts";
import type { Facts } from "./carts.facts.ts";
import type { Notice } from "./carts.merge.rules.ts";
import type { Line } from "./carts.model.ts";

/** The lines at the prices of the facts' currency; what is not sold in it cannot stay, and is told. */
export function convertLines(lines: readonly Line[], facts: Facts): { lines: Line[]; notices: Notice[] } {
  const kept: Line[] = [];
  const notices: Notice[] = [];
  for (const { sku, name, quantity } of lines) {
    const offer = facts.offers.get(sku);
    if (offer) kept.push(toLine(offer, quantity));
    else
      notices.push({
        sku,
        code: "NOT_SOLD_IN_CURRENCY",
        message: `${name} is not sold in ${facts.currency} and was left out.`,
      });
  }
  return { lines: kept, notices };
}
