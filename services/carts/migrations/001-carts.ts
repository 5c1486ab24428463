import type { Migration } from "../../../mixins/migrations.ts";

export default {
  name: "001-carts",
  up: [
    `create table carts (
      id text primary key,
      status text not null check (status in ('open', 'converted', 'merged')),
      currency text not null,
      customer_id text,
      country text,
      postal_code text,
      shipping_method text,
      email text,
      coupon_code text,
      lines text not null,
      merged_into text,
      last_call text,
      version bigint not null,
      expires_at bigint not null,
      created_at text not null,
      updated_at text not null
    )`,
    `create unique index carts_open_of_customer on carts (customer_id) where status = 'open' and customer_id is not null`,
    `create index carts_due on carts (expires_at)`,
  ],
  down: ["drop table carts"],
} satisfies Migration;
