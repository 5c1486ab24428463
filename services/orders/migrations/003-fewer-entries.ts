import type { Migration } from "../../../mixins/migrations.ts";

/**
 * Who bought what is asked of the customer's orders: an entry by product was a page more for each line of an order. Orders of
 * guests are no customer's.
 */
export default {
  name: "003-fewer-entries",
  up: [
    "drop index order_lines_of_product",
    "drop index orders_of_customer",
    "create index orders_of_customer on orders (customer_id, id) where customer_id is not null",
  ],
  down: [
    "drop index orders_of_customer",
    "create index orders_of_customer on orders (customer_id, id)",
    "create index order_lines_of_product on order_lines (product_id)",
  ],
} satisfies Migration;
