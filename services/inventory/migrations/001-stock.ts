import { byKey, type Migration } from "../../../mixins/migrations.ts";

export default {
  name: "001-stock",
  up: [
    byKey(`create table items (
      sku text primary key,
      on_hand bigint not null check (on_hand >= 0),
      reserved bigint not null check (reserved >= 0 and reserved <= on_hand),
      version bigint not null,
      changed bigint not null
    )`),
    `create index items_changed on items (changed)`,
    byKey(`create table reservations (
      order_id text primary key,
      lines text not null,
      state text not null check (state in ('held', 'released', 'shipped')),
      expires_at bigint not null,
      created_at text not null
    )`),
    `create index reservations_due on reservations (expires_at) where state = 'held'`,
    `create table movements (
      id text primary key,
      sku text not null,
      kind text not null,
      quantity bigint not null,
      reason text not null,
      order_id text,
      at text not null,
      made_by text not null
    )`,
    `create index movements_of_sku on movements (sku, id)`,
    byKey(`create table applied (key text primary key, at text not null)`),
  ],
  down: ["drop table applied", "drop table movements", "drop table reservations", "drop table items"],
} satisfies Migration;
