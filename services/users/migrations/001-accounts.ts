import type { Migration } from "../../../mixins/migrations.ts";

export default {
  name: "001-accounts",
  up: [
    `create table users (
      id text primary key,
      email text not null,
      email_key text not null unique,
      name text not null,
      role text not null check (role in ('customer', 'staff', 'admin')),
      password_hash text not null,
      email_verified bigint not null,
      disabled bigint not null,
      created_at text not null,
      version bigint not null
    )`,
    `create index users_privileged on users (role) where role <> 'customer'`,
    `create table sessions (
      id text primary key,
      user_id text not null,
      created_at text not null,
      last_used_at text not null,
      user_agent text not null,
      ip text not null,
      expires_at bigint not null,
      ends_at bigint not null,
      ended_at bigint
    )`,
    `create index sessions_live on sessions (user_id) where ended_at is null`,
    `create index sessions_due on sessions (expires_at)`,
    `create table refresh_tokens (
      hash text primary key,
      session_id text not null,
      used_at bigint
    )`,
    `create index refresh_tokens_of_session on refresh_tokens (session_id)`,
    `create table tickets (
      id text primary key,
      kind text not null check (kind in ('reset', 'verify')),
      user_id text,
      email_key text not null,
      expires_at bigint not null,
      used_at bigint
    )`,
    `create index tickets_open on tickets (user_id) where used_at is null`,
    `create index tickets_due on tickets (expires_at)`,
    `create table devices (
      user_id text not null,
      device text not null,
      seen_at bigint not null,
      primary key (user_id, device)
    )`,
    `create index devices_due on devices (seen_at)`,
    `create table addresses (
      id text primary key,
      user_id text not null,
      address text not null,
      is_default bigint not null,
      version bigint not null
    )`,
    `create index addresses_of_user on addresses (user_id, id)`,
    `create unique index addresses_default on addresses (user_id) where is_default = 1`,
    `create table wishes (
      user_id text not null,
      product_id text not null,
      added_at text not null,
      primary key (user_id, product_id)
    )`,
    `create table api_keys (
      id text primary key,
      owner_id text not null,
      name text not null,
      prefix text not null,
      hash text not null unique,
      scopes text not null,
      created_at text not null,
      expires_at text,
      last_used_at text,
      revoked_at text
    )`,
    `create index api_keys_of_owner on api_keys (owner_id)`,
  ],
  down: ["api_keys", "wishes", "addresses", "devices", "tickets", "refresh_tokens", "sessions", "users"].map(
    (table) => `drop table ${table}`,
  ),
} satisfies Migration;
