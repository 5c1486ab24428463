import type { Ctx } from "../../contract/implement.ts";
import { resolveOffers } from "../../mixins/offer-copies.ts";
import type { Offer } from "../products/products.contract.ts";
import type { CartState } from "./carts.model.ts";

/** Who asks other actors: a request. */
export type Calls = Pick<Ctx, "call" | "broker">;

/** What the catalogue and inventory say now of some SKUs of one currency. */
export interface Facts {
  currency: string;
  /** SKUs that were asked for. */
  asked: ReadonlySet<string>;
  offers: ReadonlyMap<string, Offer>;
  available: ReadonlyMap<string, number>;
}

const limit = 1000;

/** Asks both at once; nothing is asked for no SKU. */
export async function lookUp(calls: Calls, currency: string, skus: Iterable<string>): Promise<Facts> {
  const asked = new Set(skus);
  const facts = { currency, asked, offers: new Map<string, Offer>(), available: new Map<string, number>() };
  const all = [...asked];
  for (let start = 0; start < all.length; start += limit) {
    const some = all.slice(start, start + limit);
    const [offers, stock] = await Promise.all([
      resolveOffers(calls, some, currency),
      calls.call("inventory.available", { skus: some }),
    ]);
    for (const offer of offers) facts.offers.set(offer.sku, offer);
    for (const { sku, available } of stock) facts.available.set(sku, available);
  }
  return facts;
}

/** Facts of every line of the cart: those at hand, if they cover it, else asked anew. */
export function factsOf(calls: Calls, cart: CartState, known?: Facts): Promise<Facts> | Facts {
  const covered = known?.currency === cart.currency && cart.lines.every(({ sku }) => known.asked.has(sku));
  return covered
    ? known
    : lookUp(
        calls,
        cart.currency,
        cart.lines.map(({ sku }) => sku),
      );
}

/** Units that may be put in a cart; 0 when the product is not sold. */
export const availableOf = (facts: Facts, sku: string): number =>
  facts.offers.has(sku) ? (facts.available.get(sku) ?? 0) : 0;
