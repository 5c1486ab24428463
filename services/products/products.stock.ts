import type { Caller } from "../../contract/implement.ts";

/** SKUs of one call; the contract's limit. */
const MOST = 1000;

interface Desk {
  skus: Set<string>;
  answer: PromiseWithResolvers<ReadonlyMap<string, number>>;
}

/** Asks inventory for the stock of all product pages that are being made at one moment in one call. */
export class StockDesk {
  readonly #calls: Pick<Caller, "call">;
  #open: Desk | undefined;

  constructor(calls: Pick<Caller, "call">) {
    this.#calls = calls;
  }

  /** Units that may be ordered now, by SKU; more SKUs than these may be in the answer. */
  available(skus: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (this.#open && this.#open.skus.size + skus.length > MOST) this.#open = undefined;
    const desk = (this.#open ??= this.#begin());
    skus.forEach((sku) => desk.skus.add(sku));
    return desk.answer.promise;
  }

  #begin(): Desk {
    const desk: Desk = { skus: new Set(), answer: Promise.withResolvers() };
    setImmediate(() => {
      if (this.#open === desk) this.#open = undefined;
      this.#ask(desk).then(desk.answer.resolve, desk.answer.reject);
    });
    return desk;
  }

  async #ask({ skus }: Desk): Promise<ReadonlyMap<string, number>> {
    const items = await this.#calls.call("inventory.available", { skus: [...skus] });
    return new Map(items.map(({ sku, available }) => [sku, available]));
  }
}
