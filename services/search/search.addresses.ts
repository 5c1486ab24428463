import type { Handler } from "../../contract/implement.ts";
import type { SearchActor } from "./search.actor.ts";
import { countBits } from "./search.bits.ts";
import type contract from "./search.contract.ts";
import type { CatalogueProduct } from "../products/products.contract.ts";

/** What is sold in the store's own currency, oldest first, so that what comes new changes the end alone. */
export const addresses: Handler<typeof contract, "addresses", SearchActor> = function ({ params }) {
  const index = this.readyIndex();
  const sold = index.sold(this.config.currency).copy(index.capacity);
  const { offset, limit } = params;
  const rows = index.columns.orders.newest.page(sold, false, undefined, offset + limit).slice(offset);
  return {
    data: rows.map((row) => {
      const { slug, updatedAt } = index.rows.get(row) as CatalogueProduct;
      return { slug, updatedAt };
    }),
    total: countBits(sold),
  };
};
