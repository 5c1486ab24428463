import { makeJwtKeys, makePassword, makeSecret } from "../../config/kept.ts";
import { databaseSchemes, databaseVariable } from "../../config/settings.ts";
import { postgresRoles } from "./compose-secrets.ts";
import { natsAccounts } from "./nats-accounts.ts";
import { actorRoles } from "./roles.ts";
import { password, type SecretFiles } from "./secret-files.ts";
import { makeCertificates } from "./certificates.ts";

const sqlActors = Object.keys(databaseSchemes).filter((actor) => actor !== "products");
const withAppSecret = ["gateway", "users", "carts", "orders", "payments", "webhooks"];
const withJwtKeys = ["gateway", "users"];

/** Names under which the NATS servers are reached inside the cluster. */
const natsNames = ["nats", "nats-0.nats", "nats-1.nats", "nats-2.nats", "localhost"];

function databaseUrls(files: SecretFiles): void {
  const mongo = files.make("valence-databases/mongo_password", password);
  files.make("valence-databases/postgres_password", password);
  const databases = files.passwords("made/postgres_password_", sqlActors);
  files.make("valence-databases/roles.sql", () => postgresRoles(databases));
  for (const actor of sqlActors)
    files.make(
      `valence-${actor}/${databaseVariable(actor)}`,
      () => `postgres://${actor}:${databases[actor]}@postgres:5432/${actor}`,
    );
  files.make(
    "valence-products/PRODUCTS_DB_URL",
    () => `mongodb://valence:${mongo}@mongo:27017/products?authSource=admin`,
  );
}

/** A folder for each Secret of `k8s/`, a file for each of its keys. */
export function kubernetesSecrets(files: SecretFiles): void {
  const app = files.make("made/app_secret", makeSecret);
  const jwt = files.make("made/jwt_keys", makeJwtKeys);
  for (const actor of withAppSecret) files.make(`valence-${actor}/APP_SECRET`, () => app);
  for (const actor of withJwtKeys) files.make(`valence-${actor}/JWT_KEYS`, () => jwt);
  files.make("valence-users/ADMIN_PASSWORD", makePassword);
  databaseUrls(files);
  const nats = files.passwords("made/nats_password_", [...Object.keys(actorRoles), "presence"]);
  for (const actor of Object.keys(actorRoles))
    files.make(`valence-${actor}/TRANSPORTER`, () => `tls://${actor}:${nats[actor]}@nats:4222`);
  files.make("valence-gateway/NATS_SYS_URL", () => `tls://presence:${nats["presence"]}@nats:4222`);
  files.make("valence-nats/accounts.conf", () => natsAccounts(actorRoles, nats));
  makeCertificates(files, "valence-nats", natsNames);
}
