import { byKey, type Migration } from "../../../mixins/migrations.ts";

const rebuilt = (key: string) => [
  byKey(`create table attempts_again (order_id text not null, id text not null, step text not null,
    outcome text not null, at text not null, primary key (${key}))`),
  "insert into attempts_again (order_id, id, step, outcome, at) select order_id, id, step, outcome, at from attempts",
  "drop table attempts",
  "alter table attempts_again rename to attempts",
];

/** Attempts are looked for by their order only, so their key begins with it: one tree instead of three. */
export default {
  name: "003-attempts-by-order",
  up: rebuilt("order_id, id"),
  down: [...rebuilt("id"), "create index attempts_of_order on attempts (order_id)"],
} satisfies Migration;
