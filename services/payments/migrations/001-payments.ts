import { byKey, type Migration } from "../../../mixins/migrations.ts";

export default {
  name: "001-payments",
  up: [
    `create table payments (
      id text primary key,
      order_id text not null unique,
      provider text not null,
      charge_id text,
      status text not null
        check (status in ('pending', 'requires_action', 'authorized', 'captured', 'voided', 'failed')),
      currency text not null,
      amount bigint not null check (amount >= 0),
      captured bigint not null check (captured >= 0 and captured <= amount),
      refunded bigint not null check (refunded >= 0),
      refunding bigint not null check (refunding >= 0 and refunded + refunding <= captured),
      failure text,
      action_url text,
      review text,
      check_at bigint,
      checks bigint not null,
      created_at text not null,
      version bigint not null
    )`,
    `create index payments_due on payments (check_at) where check_at is not null`,
    `create index payments_by_status on payments (status, id)`,
    `create table attempts (
      id text primary key,
      order_id text not null,
      step text not null,
      outcome text not null,
      at text not null
    )`,
    `create index attempts_of_order on attempts (order_id)`,
    `create table refunds (
      id text primary key,
      order_id text not null,
      amount bigint not null check (amount > 0),
      reason text not null,
      state text not null check (state in ('pending', 'done', 'failed')),
      check_at bigint,
      checks bigint not null,
      at text not null
    )`,
    `create index refunds_of_order on refunds (order_id)`,
    `create index refunds_due on refunds (check_at) where check_at is not null`,
    byKey(`create table ledger_entries (
      entry_of text not null,
      account text not null,
      order_id text not null,
      currency text not null,
      amount bigint not null,
      at text not null,
      primary key (entry_of, account)
    )`),
    `create index ledger_of_order on ledger_entries (order_id)`,
    byKey(`create table provider_events (
      provider text not null,
      event_id text not null,
      order_id text not null,
      at text not null,
      primary key (provider, event_id)
    )`),
  ],
  down: [
    "drop table provider_events",
    "drop table ledger_entries",
    "drop table refunds",
    "drop table attempts",
    "drop table payments",
  ],
} satisfies Migration;
