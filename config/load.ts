import type { Config, JwtKey, TracingConfig } from "./config.ts";
import { jwtKeys } from "./parse.ts";
import { keptSecret, makeDataDir, makeJwtKeys, makePassword, makeSecret } from "./kept.ts";
import { ConfigError, reader, type Environment, type Read } from "./read.ts";
import { databaseSchemes, databaseVariable, settings, type SettingName } from "./settings.ts";

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/;

/** Which services need a secret; on other nodes of a cluster it need not exist. */
const NEED_APP_SECRET = ["users", "carts", "orders", "webhooks", "gateway"];
const NEED_JWT_KEYS = ["users", "gateway"];

/**
 * Checks the environment and makes what is missing (data folder, embedded secrets).
 * @throws ConfigError, whose message is the one line to print
 */
export function loadConfig(env: Environment): Config {
  const read = reader(env);
  // All of them before anything is made, also those that this start will not use.
  for (const name of Object.keys(settings)) read(name as SettingName);
  const must = <T>(value: T | undefined): T => value as T;
  const production = read("NODE_ENV") === "production";
  checkTrials(read, production);
  checkAddress(read);

  const dataDir = must(read("DATA_DIR"));
  const databaseUrls = readDatabaseUrls(read);
  const runs = (names: readonly string[]) => read("SERVICES")?.some((name) => names.includes(name)) ?? true;
  const cluster = read("TRANSPORTER") !== undefined;
  if (!cluster || runs(Object.keys(databaseSchemes).filter((actor) => !databaseUrls[actor])))
    makeDataDir(dataDir);
  const sandbox = must(read("SANDBOX"));
  const secrets = readSecrets(read, dataDir, cluster, runs);

  return {
    production,
    services: read("SERVICES"),
    nodeID: read("NODEID"),
    namespace: read("NAMESPACE") ?? "",
    transporter: read("TRANSPORTER"),
    natsSysUrl: read("NATS_SYS_URL"),
    logLevel: must(read("LOGLEVEL")),
    logLevels: read("LOG_LEVELS") ?? {},
    host: must(read("HOST")),
    port: must(read("PORT")),
    publicUrl: read("PUBLIC_URL"),
    trustedProxies: read("TRUSTED_PROXIES") ?? [],
    drainSeconds: must(read("DRAIN_SECONDS")),
    metricsPort: read("METRICS_PORT"),
    certificateFiles: read("CERTIFICATE_FILES") ?? [],
    tracing: must(read("TRACING")) ? tracingOf(read) : undefined,
    rateLimits: must(read("RATE_LIMITS")),
    dataDir,
    databaseUrls,
    redisUrl: read("REDIS_URL"),
    smtpUrl: read("SMTP_URL"),
    mailFrom: must(read("MAIL_FROM")),
    adminEmail: must(read("ADMIN_EMAIL")),
    ...secrets,
    passwordCost: must(read("PASSWORD_COST")),
    currency: must(read("CURRENCY")),
    paymentProviders: sandbox ? ["test"] : (read("PAYMENT_PROVIDERS") ?? ["test"]),
    stripe: runs(["payments"]) && !sandbox ? stripeOf(read) : undefined,
    sandbox,
    webhookAllowPrivate: must(read("WEBHOOK_ALLOW_PRIVATE")),
    sampleData: must(read("SAMPLE_DATA")),
    taxTable: read("TAX_TABLE"),
    shippingTable: read("SHIPPING_TABLE"),
    checkAnswers: read("CHECK_ANSWERS") ?? false,
  };
}

/** What is only for trying out stays out of production. */
function checkTrials(read: Read, production: boolean): void {
  if (!production) return;
  if (read("RATE_LIMITS") === false)
    throw new ConfigError("RATE_LIMITS", "may not be off in production; remove it.");
  if (read("PASSWORD_COST") === "cheap") {
    throw new ConfigError("PASSWORD_COST", "may not be cheap in production; remove it.");
  }
  if (read("WEBHOOK_ALLOW_PRIVATE"))
    throw new ConfigError("WEBHOOK_ALLOW_PRIVATE", "may not be on in production; remove it.");
  if (!read("PAYMENT_PROVIDERS")?.length && !read("SANDBOX")) {
    throw new ConfigError("PAYMENT_PROVIDERS", 'must be named in production, such as "stripe".');
  }
}

/** Cookies and passwords never travel in the clear beyond this machine, unless the operator says so. */
function checkAddress(read: Read): void {
  if (LOOPBACK.test(read("HOST") ?? "") || read("PUBLIC_URL") !== undefined) return;
  const services = read("SERVICES");
  if (services && !services.includes("gateway")) return;
  throw new ConfigError(
    "PUBLIC_URL",
    "must be set when HOST is not loopback, such as https://shop.example.com.",
  );
}

function tracingOf(read: Read): TracingConfig {
  const endpoint = read("OTEL_EXPORTER_OTLP_ENDPOINT");
  return {
    sample: read("TRACING_SAMPLE") as number,
    slowMs: read("TRACING_SLOW_MS") as number,
    otlp:
      endpoint === undefined ? undefined : { endpoint, headers: read("OTEL_EXPORTER_OTLP_HEADERS") ?? {} },
    zipkinUrl: read("ZIPKIN_URL"),
  };
}

function readDatabaseUrls(read: Read): Record<string, string> {
  const found = Object.keys(databaseSchemes).map((actor) => [
    actor,
    read(databaseVariable(actor) as SettingName) as string | undefined,
  ]);
  return Object.fromEntries(found.filter(([, url]) => url !== undefined)) as Record<string, string>;
}

function stripeOf(read: Read): Config["stripe"] {
  if (!read("PAYMENT_PROVIDERS")?.includes("stripe")) return undefined;
  const needed = (name: "STRIPE_SECRET_KEY" | "STRIPE_WEBHOOK_SECRET"): string => {
    const value = read(name);
    if (value === undefined) throw new ConfigError(name, "must be set when PAYMENT_PROVIDERS has stripe.");
    return value;
  };
  return {
    secretKey: needed("STRIPE_SECRET_KEY"),
    webhookSecret: needed("STRIPE_WEBHOOK_SECRET"),
    apiUrl: read("STRIPE_API_URL"),
  };
}

type Secrets = Pick<Config, "appSecret" | "jwtKeys" | "adminPassword" | "adminPasswordMade">;

/** Embedded, a missing secret is made once and kept; nodes of a cluster must be given the same one. */
function readSecrets(
  read: Read,
  dataDir: string,
  cluster: boolean,
  runs: (names: readonly string[]) => boolean,
): Secrets {
  const shared = (name: "APP_SECRET" | "JWT_KEYS", needed: readonly string[], make: () => string): string => {
    if (!cluster) return keptSecret(dataDir, name.toLowerCase(), make).value;
    if (!runs(needed)) return make();
    throw new ConfigError(name, "must be set, and the same on every node, when TRANSPORTER is.");
  };
  return {
    appSecret: read("APP_SECRET") ?? shared("APP_SECRET", NEED_APP_SECRET, makeSecret),
    jwtKeys: withPrivateKey(
      read("JWT_KEYS") ?? jwtKeys(shared("JWT_KEYS", NEED_JWT_KEYS, makeJwtKeys)),
      runs,
    ),
    ...readAdminPassword(read, dataDir, cluster, runs(["users"])),
  };
}

function readAdminPassword(
  read: Read,
  dataDir: string,
  cluster: boolean,
  needed: boolean,
): Pick<Config, "adminPassword" | "adminPasswordMade"> {
  const given = read("ADMIN_PASSWORD");
  if (given !== undefined) return { adminPassword: given, adminPasswordMade: false };
  if (cluster && needed) throw new ConfigError("ADMIN_PASSWORD", "must be set when TRANSPORTER is.");
  if (cluster) return { adminPassword: makePassword(), adminPasswordMade: false };
  const { value, made } = keptSecret(dataDir, "admin_password", makePassword);
  return { adminPassword: value, adminPasswordMade: made };
}

function withPrivateKey(
  keys: readonly JwtKey[],
  runs: (names: readonly string[]) => boolean,
): readonly JwtKey[] {
  if (keys[0]?.d !== undefined || !runs(["users"])) return keys;
  throw new ConfigError("JWT_KEYS", "must begin with a private key where users runs, for it signs.");
}
