import type { ServiceBroker } from "moleculer";
import type { Caller, Ctx } from "../contract/implement.ts";
import type { Offer } from "../services/products/products.contract.ts";
import { runOutside } from "../tracing/current.ts";
import { contextOf } from "./context.ts";
import { LIFE_MS, OVERLAP_MS, RIGHT_MS } from "./copy-ages.ts";

/** Offers that a node keeps at most: some 500 bytes each. */
const MOST = 5000;
/** Milliseconds between two looks, as long as somebody asks. */
const LOOK_EVERY_MS = 500;

interface Copy {
  readonly offer: Offer;
  /** Milliseconds: right until then by itself, and kept until then at most. */
  readonly until: number;
  readonly end: number;
}

interface Surroundings {
  now(): number;
  /** Ids of products that were changed since a time; undefined when there are too many to tell. */
  changedSince(time: string): Promise<readonly string[] | undefined>;
}

/**
 * What another node said of SKUs, kept here: a checkout asks twice for the same offer, in the cart and for the order. A copy is right until
 * `products.touched` names its product. A broadcast can be lost, so none is used that no look has confirmed within a second.
 */
export class OfferCopies {
  readonly #around: Surroundings;
  readonly #copies = new Map<string, Copy>();
  /** Grows with each change that was told: an answer that was on its way meanwhile may be older, and is not kept. */
  #round = 0;
  /** Milliseconds: what was kept before the last look is right until then. */
  #right = 0;
  /** When the last look began that was answered. */
  #looked: number | undefined;
  #lookAt = 0;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** The offers of those SKUs that are sold in the currency; `ask` is called with those that are not at hand. */
  async of(
    skus: readonly string[],
    currency: string,
    ask: (skus: string[]) => Promise<readonly Offer[]>,
  ): Promise<Offer[]> {
    const now = this.#around.now();
    const kept = new Map(skus.map((sku) => [sku, this.#get(keyOf(sku, currency), now)]));
    const missing = [...kept].flatMap(([sku, offer]) => (offer === undefined ? [sku] : []));
    if (this.#lookAt <= now) void runOutside(() => this.#look(now));
    if (missing.length > 0) {
      const round = this.#round;
      for (const offer of await ask(missing)) {
        kept.set(offer.sku, offer);
        if (round === this.#round) this.#keep(offer, now);
      }
    }
    return skus.flatMap((sku) => kept.get(sku) ?? []);
  }

  /** Drops all offers of these products. */
  forget(productIds: readonly string[]): void {
    this.#round += 1;
    const changed = new Set(productIds);
    for (const [key, { offer }] of this.#copies) if (changed.has(offer.productId)) this.#copies.delete(key);
  }

  #get(key: string, now: number): Offer | undefined {
    const copy = this.#copies.get(key);
    if (copy === undefined) return undefined;
    return Math.min(Math.max(copy.until, this.#right), copy.end) < now ? undefined : copy.offer;
  }

  #keep(offer: Offer, now: number): void {
    const key = keyOf(offer.sku, offer.price.currency);
    this.#copies.delete(key);
    this.#copies.set(key, { offer, until: now + RIGHT_MS, end: now + LIFE_MS });
    if (this.#copies.size > MOST) this.#copies.delete(this.#copies.keys().next().value as string);
  }

  /** Drops what was changed lately; the rest of what is kept is right for a second more. While it fails the copies grow old by themselves. */
  async #look(now: number): Promise<void> {
    this.#lookAt = now + LOOK_EVERY_MS;
    const since = this.#looked ?? now;
    if (this.#copies.size > 0) {
      try {
        const changed = await this.#around.changedSince(new Date(since - OVERLAP_MS).toISOString());
        this.forget(changed ?? [...this.#copies.values()].map(({ offer }) => offer.productId));
        this.#right = now + RIGHT_MS;
      } catch {
        return;
      }
    }
    this.#looked = now;
  }
}

const keyOf = (sku: string, currency: string): string => `${currency} ${sku}`;

/** Of one node, for all of its actors. */
const copies = new WeakMap<object, OfferCopies>();

function copiesOf(broker: ServiceBroker): OfferCopies {
  const known = copies.get(broker);
  if (known !== undefined) return known;
  const calls = broker as unknown as Caller;
  const fresh = new OfferCopies({
    now: () => contextOf(broker).clock.now(),
    async changedSince(time) {
      const { ids, whole } = await calls.call("products.changedSince", { time });
      return whole ? ids : undefined;
    },
  });
  copies.set(broker, fresh);
  return fresh;
}

/**
 * Names and prices of those SKUs that are sold in the currency, from the node's copies where products run elsewhere.
 * @throws what `products.resolve` throws
 */
export function resolveOffers(
  ctx: Pick<Ctx, "call" | "broker">,
  skus: readonly string[],
  currency: string,
): Promise<Offer[]> {
  const ask = (some: string[]): Promise<Offer[]> => ctx.call("products.resolve", { skus: some, currency });
  // An actor of this process is asked for less than a copy costs.
  if (ctx.broker.getLocalService("products") !== undefined) return ask([...skus]);
  return copiesOf(ctx.broker).of(skus, currency, ask);
}

/** For `products.touched`: offers of these products are asked for anew. */
export const forgetOffers = (broker: ServiceBroker, productIds: readonly string[]): void =>
  copies.get(broker)?.forget(productIds);
