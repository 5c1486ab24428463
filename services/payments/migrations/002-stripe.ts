import type { Migration } from "../../../mixins/migrations.ts";

export default {
  name: "002-stripe",
  up: [
    `create table stripe_orders (
      order_id text primary key,
      session_id text,
      intent_id text,
      request text,
      generation bigint not null,
      created_at text not null
    )`,
    `create index stripe_orders_by_intent on stripe_orders (intent_id) where intent_id is not null`,
  ],
  down: ["drop table stripe_orders"],
} satisfies Migration;
