import type { Migration } from "../../../mixins/migrations.ts";

/** Who bought what is asked of the customer's orders; an entry by product was a page more for each line of an order. */
export default {
  name: "003-lines-by-order",
  up: ["drop index order_lines_of_product"],
  down: ["create index order_lines_of_product on order_lines (product_id)"],
} satisfies Migration;
