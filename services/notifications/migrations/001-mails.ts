import type { Migration } from "../../../mixins/migrations.ts";

export default {
  name: "001-mails",
  up: [
    `create table mails (
      id text primary key,
      to_address text not null,
      to_key text not null,
      template text not null,
      subject text not null,
      body_text text not null,
      body_html text not null,
      status text not null check (status in ('pending', 'sent', 'written', 'failed')),
      attempts bigint not null,
      error text,
      created_at text not null,
      sent_at text,
      due_at bigint not null
    )`,
    `create index mails_due on mails (due_at) where status = 'pending'`,
    `create index mails_at on mails (created_at, id)`,
    `create index mails_to on mails (to_key, created_at, id)`,
  ],
  down: ["drop table mails"],
} satisfies Migration;
