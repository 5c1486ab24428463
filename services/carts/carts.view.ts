import { isType } from "../../contract/errors.ts";
import type { Money } from "../../contract/shapes.ts";
import type { ActionMap } from "../contracts.ts";
import type { Cart } from "./carts.contract.ts";
import { availableOf, factsOf, type Calls, type Facts } from "./carts.facts.ts";
import type { CartState } from "./carts.model.ts";

type Question = ActionMap["orders.quote"]["params"];
type Quote = Omit<ActionMap["orders.quote"]["returns"], "includedTax">;
type CartLines = Cart["lines"];

/** The lines at today's prices and stock; what is no longer sold stays as it was, with nothing available. */
function pricedLines(cart: CartState, facts: Facts): CartLines {
  const { currency } = cart;
  return cart.lines.map(({ price, ...kept }) => {
    const offer = facts.offers.get(kept.sku);
    const unitPrice = offer?.price ?? { amount: price, currency };
    const now = offer && {
      productId: offer.productId,
      slug: offer.slug,
      name: offer.name,
      image: offer.image,
    };
    return {
      ...kept,
      ...now,
      unitPrice,
      total: { amount: unitPrice.amount * kept.quantity, currency },
      available: availableOf(facts, kept.sku),
    };
  });
}

/** What orders would charge for the cart. */
export const questionOf = (cart: CartState, lines: CartLines): Question => ({
  currency: cart.currency,
  lines: lines.map(({ sku, quantity, unitPrice }) => ({ sku, quantity, unitPrice })),
  ...(cart.couponCode === null ? {} : { couponCode: cart.couponCode }),
  ...(cart.country === null ? {} : { country: cart.country }),
  ...(cart.postalCode === null ? {} : { postalCode: cart.postalCode }),
  ...(cart.shippingMethod === null ? {} : { shippingMethod: cart.shippingMethod }),
  ...customerOf(cart),
});

function customerOf(cart: CartState): { customer?: string } {
  const customer = cart.customerId ?? cart.email;
  return customer === null ? {} : { customer };
}

/** A cart without coupon and country is the sum of its lines: orders would say the same. */
function plainQuote(cart: CartState, lines: CartLines): Quote {
  const money = (amount: number): Money => ({ amount, currency: cart.currency });
  const sum = money(lines.reduce((total, line) => total + line.total.amount, 0));
  const reason = "The cart is empty.";
  const coupon = cart.couponCode === null ? null : { code: cart.couponCode, applied: false, reason };
  return { subtotal: sum, discount: money(0), shipping: null, tax: null, total: sum, coupon };
}

async function quoteOf(calls: Calls, cart: CartState, lines: CartLines): Promise<Quote> {
  const plain = cart.couponCode === null && cart.country === null;
  if (plain || lines.length === 0) return plainQuote(cart, lines);
  const question = questionOf(cart, lines);
  try {
    return await calls.call("orders.quote", question);
  } catch (error) {
    // The country was served when it was set; the cart must stay readable.
    if (!isType(error, "COUNTRY_NOT_SERVED")) throw error;
    const { country: _, ...rest } = question;
    return calls.call("orders.quote", rest);
  }
}

/** The cart as its holder sees it; `known` are facts that the caller has just looked up. */
export async function present(calls: Calls, cart: CartState, known?: Facts): Promise<Cart> {
  const lines = pricedLines(cart, await factsOf(calls, cart, known));
  const quote = await quoteOf(calls, cart, lines);
  return {
    id: cart.id,
    status: cart.status,
    currency: cart.currency,
    lines,
    subtotal: quote.subtotal,
    discount: quote.discount,
    shipping: quote.shipping,
    tax: quote.tax,
    total: quote.total,
    ...(quote.coupon === null ? {} : { coupon: quote.coupon }),
    country: cart.country,
    postalCode: cart.postalCode,
    shippingMethod: cart.shippingMethod,
    email: cart.email,
    version: cart.version,
    expiresAt: new Date(cart.expiresAt).toISOString(),
  };
}

/** Priced lines for a question that the cart itself does not ask, such as a coupon on trial. */
export const linesNow = async (calls: Calls, cart: CartState): Promise<CartLines> =>
  pricedLines(cart, await factsOf(calls, cart));
