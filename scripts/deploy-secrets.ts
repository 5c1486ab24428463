/** Makes the secrets of the compose file, each in a file of its own under deploy/secrets; keeps those that are there. */
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { makeJwtKeys, makePassword, makeSecret } from "../config/kept.ts";
import { databaseSchemes } from "../config/settings.ts";
import { natsAccounts, roles } from "./deploy/roles.ts";

const usage = `npm run deploy:secrets [-- <folder>]: writes the secrets of docker-compose.yml, by default to deploy/secrets.
Files that are there are kept; delete one (and what was made of it) to change it.`;

const password = (): string => randomBytes(24).toString("base64url");

/** The value of a secret, made once. */
function secret(folder: string, name: string, make: () => string): string {
  const file = join(folder, name);
  if (existsSync(file)) return readFileSync(file, "utf8").trim();
  const value = make();
  // The folder is closed to others on this machine; inside a container its user must be able to read the mounted file.
  writeFileSync(file, `${value}\n`, { mode: 0o444 });
  return value;
}

function makeAll(folder: string): void {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o700);
  secret(folder, "app_secret", makeSecret);
  secret(folder, "jwt_keys", makeJwtKeys);
  secret(folder, "admin_password", makePassword);
  secret(folder, "postgres_password", password);
  secret(folder, "grafana_password", password);
  const mongo = secret(folder, "mongo_password", password);
  secret(folder, "products_db_url", () => `mongodb://valence:${mongo}@mongo:27017/products?authSource=admin`);
  secret(folder, "postgres_roles.sql", () => postgresRoles(folder));
  const names = [...Object.keys(roles), "presence"];
  const nats = Object.fromEntries(
    names.map((name) => [name, secret(folder, `nats_password_${name}`, password)]),
  );
  for (const role of Object.keys(roles))
    secret(folder, `transporter_${role}`, () => `nats://${role}:${nats[role]}@nats:4222`);
  secret(folder, "nats_sys_url", () => `nats://presence:${nats["presence"]}@nats:4222`);
  secret(folder, "nats_accounts.conf", () => natsAccounts(nats));
}

/** A database for each actor, which its role alone may enter. */
function postgresRoles(folder: string): string {
  const actors = Object.keys(databaseSchemes).filter((actor) => actor !== "products");
  return actors
    .map((actor) => {
      const own = password();
      secret(folder, `${actor}_db_url`, () => `postgres://${actor}:${own}@postgres:5432/${actor}`);
      return [
        `create role ${actor} login password '${own}';`,
        `create database ${actor} owner ${actor};`,
        `revoke all on database ${actor} from public;`,
      ].join("\n");
    })
    .join("\n");
}

const [argument = "deploy/secrets"] = process.argv.slice(2);
if (argument === "--help") console.log(usage);
else {
  makeAll(resolve(argument));
  console.log(`The secrets are in ${argument}; the shop's first login is in ${argument}/admin_password.`);
}
