import { makeJwtKeys, makePassword, makeSecret } from "../../config/kept.ts";
import { databaseSchemes } from "../../config/settings.ts";
import { natsAccounts } from "./nats-accounts.ts";
import { groupRoles } from "./roles.ts";
import { password, type SecretFiles } from "./secret-files.ts";

const sqlActors = Object.keys(databaseSchemes).filter((actor) => actor !== "products");

/** A database for each actor, which its role alone may enter. */
export const postgresRoles = (passwords: Readonly<Record<string, string>>): string =>
  Object.entries(passwords)
    .map(([actor, own]) =>
      [
        `create role ${actor} login password '${own}';`,
        `create database ${actor} owner ${actor};`,
        `revoke all on database ${actor} from public;`,
      ].join("\n"),
    )
    .join("\n");

/** The secrets that docker-compose.yml mounts. */
export function composeSecrets(files: SecretFiles): void {
  files.make("app_secret", makeSecret);
  files.make("jwt_keys", makeJwtKeys);
  files.make("admin_password", makePassword);
  files.make("postgres_password", password);
  files.make("grafana_password", password);
  const mongo = files.make("mongo_password", password);
  files.make("products_db_url", () => `mongodb://valence:${mongo}@mongo:27017/products?authSource=admin`);
  const databases = files.passwords("postgres_password_", sqlActors);
  for (const actor of sqlActors)
    files.make(`${actor}_db_url`, () => `postgres://${actor}:${databases[actor]}@postgres:5432/${actor}`);
  files.make("postgres_roles.sql", () => postgresRoles(databases));
  const nats = files.passwords("nats_password_", [...Object.keys(groupRoles), "presence"]);
  for (const role of Object.keys(groupRoles))
    files.make(`transporter_${role}`, () => `nats://${role}:${nats[role]}@nats:4222`);
  files.make("nats_sys_url", () => `nats://presence:${nats["presence"]}@nats:4222`);
  files.make("nats_accounts.conf", () => natsAccounts(groupRoles, nats));
}
