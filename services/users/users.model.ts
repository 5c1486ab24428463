import type { Permission, Role } from "../../contract/permissions.ts";
import { sql, type Sql } from "../../mixins/sql.ts";
import type { SqlReader, SqlTx, Table } from "../../mixins/sql.types.ts";
import type { User } from "./users.shapes.ts";

/** `email_key` is the address in lower case; flags are 0 or 1. */
export const users = {
  id: "text",
  email: "text",
  email_key: "text",
  name: "text",
  role: "text",
  password_hash: "text",
  email_verified: "bigint",
  disabled: "bigint",
  created_at: "text",
  version: "bigint",
} as const satisfies Table;
/** A family of refresh tokens. `expires_at`: unless used before; `ends_at`: at the latest; both in milliseconds. */
export const sessions = {
  id: "text",
  user_id: "text",
  created_at: "text",
  last_used_at: "text",
  user_agent: "text",
  ip: "text",
  expires_at: "bigint",
  ends_at: "bigint",
  ended_at: "bigint",
} as const satisfies Table;
/** Every refresh token of a family, by its SHA-256; one that was used stays, so that reuse is seen. */
export const refreshTokens = { hash: "text", session_id: "text", used_at: "bigint" } as const satisfies Table;
/** What a mail's token opens, once. Without a user: a decoy for an address that nobody has. */
export const tickets = {
  id: "text",
  kind: "text",
  user_id: "text",
  email_key: "text",
  expires_at: "bigint",
  used_at: "bigint",
} as const satisfies Table;
export const addresses = {
  id: "text",
  user_id: "text",
  address: "text",
  is_default: "bigint",
  version: "bigint",
} as const satisfies Table;
/** `scopes` is JSON; the key itself is kept as its SHA-256 alone. */
export const apiKeys = {
  id: "text",
  owner_id: "text",
  name: "text",
  prefix: "text",
  hash: "text",
  scopes: "text",
  created_at: "text",
  expires_at: "text",
  last_used_at: "text",
  revoked_at: "text",
} as const satisfies Table;

export type UserRow = {
  id: string;
  email: string;
  email_key: string;
  name: string;
  role: Role;
  password_hash: string;
  email_verified: number;
  disabled: number;
  created_at: string;
  version: number;
};

export type SessionRow = {
  id: string;
  user_id: string;
  created_at: string;
  last_used_at: string;
  user_agent: string;
  ip: string;
  expires_at: number;
  ends_at: number;
  ended_at: number | null;
};

export type ApiKeyRow = {
  id: string;
  owner_id: string;
  name: string;
  prefix: string;
  hash: string;
  scopes: string;
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
  revoked_at: string | null;
};

export const scopesOf = (row: Pick<ApiKeyRow, "scopes">): Permission[] =>
  JSON.parse(row.scopes) as Permission[];

/** Addresses differ by more than case only in theory: one mailbox, one account. */
export const emailKey = (email: string): string => email.toLowerCase();

export const toUser = (row: UserRow): User => ({
  id: row.id,
  email: row.email,
  name: row.name,
  role: row.role,
  emailVerified: row.email_verified === 1,
  disabled: row.disabled === 1,
  createdAt: row.created_at,
  version: row.version,
});

const columns = (prefix = ""): Sql => ({
  strings: [
    Object.keys(users)
      .map((column) => prefix + column)
      .join(", "),
  ],
  values: [],
});
export const userColumns = columns();

export const findUser = (reader: SqlReader, id: string): Promise<UserRow | undefined> =>
  reader.get<UserRow>(sql`select ${userColumns} from users where id = ${id}`);

export const findByEmail = (reader: SqlReader, email: string): Promise<UserRow | undefined> =>
  reader.get<UserRow>(sql`select ${userColumns} from users where email_key = ${emailKey(email)}`);

/** The account's row, held until the transaction ends. */
export const lockUser = (tx: SqlTx, id: string): Promise<UserRow | undefined> =>
  tx.get<UserRow>(sql`select ${userColumns} from users where id = ${id} ${tx.forUpdate}`);

/** Writes a changed row; its version grows by one. */
export async function saveUser(tx: SqlTx, row: UserRow): Promise<UserRow> {
  const next = { ...row, version: row.version + 1 };
  await tx.run(sql`
    update users set email = ${next.email}, email_key = ${next.email_key}, name = ${next.name}, role = ${next.role},
      password_hash = ${next.password_hash}, email_verified = ${next.email_verified}, disabled = ${next.disabled},
      version = ${next.version}
    where id = ${next.id}`);
  return next;
}

/** What an audit entry may show of an account: never its hash. */
export const auditable = ({ email, name, role, email_verified, disabled }: UserRow) => ({
  email,
  name,
  role,
  emailVerified: email_verified === 1,
  disabled: disabled === 1,
});
