import type { Migration } from "../../../mixins/migrations.ts";

/** A number of 64 bits; SQLite finds a row by it without an index only when it says `integer` (https://sqlite.org/lang_createtable.html#rowid). */
const feed = (bits64: "integer" | "bigint") => `create table feed (
  seq ${bits64} primary key,
  id text not null,
  type text not null,
  entity text not null,
  version bigint not null,
  at text not null,
  added_at bigint not null,
  data text not null
)`;

/** `feed_head` has one row: who wants to append locks it, so that sequences become visible in their order. */
export default {
  name: "001-feed",
  up: [
    `create table feed_head (id bigint primary key, last bigint not null)`,
    `insert into feed_head (id, last) values (1, 0)`,
    { sqlite: [feed("integer")], postgres: [feed("bigint")] },
    `create table endpoints (
      id text primary key,
      url text not null,
      types text not null,
      description text not null,
      enabled bigint not null,
      disabled_reason text,
      failing_since text,
      secret_number bigint not null,
      previous_until text,
      contact text not null,
      created_at text not null,
      version bigint not null
    )`,
    `create table deliveries (
      id text primary key,
      endpoint_id text not null,
      event_id text not null,
      seq bigint,
      type text not null,
      entity text not null,
      status text not null,
      attempts bigint not null,
      due bigint not null,
      last_status bigint,
      last_error text,
      created_at text not null,
      delivered_at text,
      body text
    )`,
    `create unique index deliveries_of_event on deliveries (endpoint_id, seq)`,
    `create index deliveries_due on deliveries (endpoint_id, due) where status = 'pending'`,
    `create index deliveries_line on deliveries (endpoint_id, entity, seq) where status = 'pending'`,
    `create index deliveries_of_endpoint on deliveries (endpoint_id, id)`,
    `create table attempts (
      delivery_id text not null,
      at text not null,
      url text not null,
      headers text not null,
      status bigint,
      answer text,
      error text,
      milliseconds bigint not null
    )`,
    `create index attempts_of_delivery on attempts (delivery_id, at)`,
  ],
  down: [
    "drop table attempts",
    "drop table deliveries",
    "drop table endpoints",
    "drop table feed",
    "drop table feed_head",
  ],
} satisfies Migration;
