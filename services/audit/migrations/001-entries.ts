import type { Migration } from "../../../mixins/migrations.ts";

const refusal = "audit entries are append-only";
const sqliteTrigger = (event: "update" | "delete") =>
  `create trigger entries_no_${event} before ${event} on entries begin select raise(abort, '${refusal}'); end`;

/** The database itself refuses to change or remove an entry, whoever asks. */
export default {
  name: "001-entries",
  up: [
    `create table entries (
      id text primary key,
      at text not null,
      made_by text not null,
      ip text,
      action text not null,
      entity text not null,
      entity_id text not null,
      before_change text not null,
      after_change text not null
    )`,
    `create index entries_at on entries (at, id)`,
    `create index entries_of_entity on entries (entity, entity_id, at, id)`,
    `create index entries_by on entries (made_by, at, id)`,
    {
      sqlite: [sqliteTrigger("update"), sqliteTrigger("delete")],
      postgres: [
        `create function refuse_change() returns trigger language plpgsql as
          'begin raise exception ''${refusal}''; end'`,
        `create trigger entries_append_only before update or delete on entries
          for each row execute function refuse_change()`,
        `create trigger entries_no_truncate before truncate on entries
          for each statement execute function refuse_change()`,
      ],
    },
  ],
  down: ["drop table entries", { sqlite: [], postgres: ["drop function refuse_change()"] }],
} satisfies Migration;
