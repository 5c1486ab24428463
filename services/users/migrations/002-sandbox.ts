import type { Migration } from "../../../mixins/migrations.ts";

/** One row: milliseconds that a sandbox's clock was moved. */
export default {
  name: "002-sandbox",
  up: [`create table sandbox_clock (id bigint primary key check (id = 1), ahead bigint not null)`],
  down: ["drop table sandbox_clock"],
} satisfies Migration;
