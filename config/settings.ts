import * as parse from "./parse.ts";
import type { Parse } from "./parse.ts";

export interface Setting<T> {
  readonly parse: Parse<T>;
  readonly means: string;
  /** Text of the value that counts when the variable is missing; undefined: none. */
  readonly fallback?: string;
  /** May also be given as `<NAME>_FILE`, the name of a file that holds it. */
  readonly secret?: boolean;
}

const setting = <T>(parser: Parse<T>, means: string, fallback?: string): Setting<T> => ({
  parse: parser,
  means,
  ...(fallback !== undefined && { fallback }),
});

const secret = <T>(parser: Parse<T>, means: string): Setting<T> => ({ parse: parser, means, secret: true });

/** Actors that own data, and the databases that each can use instead of the embedded one. */
export const databaseSchemes = {
  users: ["postgres", "postgresql"],
  products: ["mongodb", "mongodb+srv"],
  inventory: ["postgres", "postgresql"],
  carts: ["postgres", "postgresql"],
  orders: ["postgres", "postgresql"],
  payments: ["postgres", "postgresql"],
  notifications: ["postgres", "postgresql"],
  webhooks: ["postgres", "postgresql"],
  audit: ["postgres", "postgresql"],
} as const;
export type DataActor = keyof typeof databaseSchemes;

/** The variable that moves an actor's data out of the embedded database. */
export const databaseVariable = (actor: string): string => `${actor.toUpperCase()}_DB_URL`;

const own = {
  NODE_ENV: setting(parse.text, "`production` refuses everything that is for trying out"),
  HOST: setting(parse.text, "Address that the store listens on", "127.0.0.1"),
  PORT: setting(parse.port, "Port of the shop and its API; 0 takes any free one", "3000"),
  PUBLIC_URL: setting(parse.origin, "Where shoppers reach the store; needed when `HOST` is not loopback"),
  TRUSTED_PROXIES: setting(
    parse.list(parse.addressBlock),
    "Addresses or blocks whose `X-Forwarded-For` counts",
    "",
  ),
  DRAIN_SECONDS: setting(
    parse.wholeNumber(0, 60),
    "Wait between not being ready and stopping, for the balancer to notice",
    "0",
  ),
  METRICS_PORT: setting(parse.port, "Port of the Prometheus page; without it there is none"),
  CERTIFICATE_FILES: setting(
    parse.list(parse.path),
    "PEM files, such as those of NATS and of the proxy, whose end is watched; with commas between",
    "",
  ),
  TRACING: setting(parse.onOff, "Traces of requests that failed, were slow or were sampled", "on"),
  TRACING_SAMPLE: setting(
    parse.ratio,
    "Part of the other requests whose trace is kept too, from 0 to 1",
    "0.001",
  ),
  TRACING_SLOW_MS: setting(
    parse.wholeNumber(1, 600_000),
    "Milliseconds from which on a request is slow and its trace is kept",
    "1000",
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: setting(
    parse.address,
    "OpenTelemetry collector that gets the kept traces too (OTLP over HTTP), such as `http://tempo:4318`",
  ),
  OTEL_EXPORTER_OTLP_HEADERS: secret(
    parse.headers,
    "Headers for the collector, as `name=value` with commas between",
  ),
  ZIPKIN_URL: setting(
    parse.address,
    "Zipkin server that gets the kept traces too, such as `http://zipkin:9411`",
  ),
  RATE_LIMITS: setting(parse.onOff, "`off` for tests and benchmarks, refused in production", "on"),
  DATA_DIR: setting(parse.path, "Folder of the embedded databases and of secrets that were made", "data"),
  SAMPLE_DATA: setting(parse.onOff, "Fill an empty store with the sample catalogue", "on"),
  CURRENCY: setting(parse.currency, "Currency of a cart that names none, ISO 4217", "GBP"),
  ADMIN_EMAIL: setting(parse.email, "The first administrator", "admin@valence.local"),
  ADMIN_PASSWORD: secret(parse.password, "The first administrator's password; made once when not given"),
  APP_SECRET: secret(parse.secret(32), "Key of guests' secrets, at least 32 characters; embedded: made once"),
  JWT_KEYS: secret(
    parse.jwtKeys,
    "JSON Web Key Set (ES256) of the access tokens, the first key signs; embedded: made once",
  ),
  PASSWORD_COST: setting(
    parse.oneOf("strong", "cheap"),
    "`cheap` for tests, refused in production",
    "strong",
  ),
  REDIS_URL: secret(parse.url("redis", "rediss"), "Redis or Valkey for the cache and the rate limits"),
  SMTP_URL: secret(parse.url("smtp", "smtps"), "Mail server; without it mails are kept and shown to staff"),
  MAIL_FROM: setting(parse.text, "Sender of the store's mails", "Valence <shop@valence.local>"),
  PAYMENT_PROVIDERS: setting(
    parse.list(parse.oneOf("test", "stripe")),
    "Payment providers on offer: `test`, `stripe`; production must name them",
  ),
  STRIPE_SECRET_KEY: secret(parse.secret(8), "Stripe's API key"),
  STRIPE_WEBHOOK_SECRET: secret(parse.secret(8), "Key of Stripe's webhook signatures"),
  STRIPE_API_URL: setting(parse.origin, "Another address of Stripe's API, for tests"),
  SANDBOX: setting(
    parse.onOff,
    "`on` makes the whole store a sandbox: test keys, the test provider, a clock to move, a reset",
    "off",
  ),
  WEBHOOK_ALLOW_PRIVATE: setting(
    parse.onOff,
    "`on` lets webhooks reach addresses that are not public, refused in production",
    "off",
  ),
  TAX_TABLE: setting(parse.path, "JSON file that replaces the built-in tax rates"),
  SHIPPING_TABLE: setting(parse.path, "JSON file that replaces the built-in shipping rates"),
  CHECK_ANSWERS: setting(
    parse.onOff,
    "Check every answer against its contract; `on` in tests and `npm run dev`",
    "off",
  ),
  SERVICES: setting(parse.list(parse.text), "Services that this node runs, by name; without it all of them"),
  NODEID: setting(
    parse.text,
    "Name of this node, unique, such as `orders.1` or `orders.{host}` (the host's name)",
  ),
  NAMESPACE: setting(parse.text, "Keeps clusters on one NATS apart", ""),
  TRANSPORTER: secret(
    parse.url("nats", "tls", "fake"),
    "NATS server that joins the nodes (`nats://user:password@host:4222`); without it one process",
  ),
  NATS_SYS_URL: secret(parse.url("nats", "tls"), "System login of the gateways, to see nodes die at once"),
  LOGLEVEL: setting(parse.logLevel, "`error`, `warn`, `info`, `debug`, `trace` or `off`", "warn"),
  LOG_LEVELS: setting(parse.logLevels, "Levels of single actors, such as `orders=debug,payments=info`", ""),
};

type DatabaseSettings = { [A in DataActor as `${Uppercase<A>}_DB_URL`]: Setting<string> };

const databases = Object.fromEntries(
  Object.entries(databaseSchemes).map(([actor, schemes]) => {
    const kind = schemes[0] === "postgres" ? "PostgreSQL" : "MongoDB";
    return [
      databaseVariable(actor),
      secret(parse.url(...schemes), `${kind} of \`${actor}\`; without it the embedded database`),
    ];
  }),
) as DatabaseSettings;

/** Every environment variable that the store reads; the README's table lists these. */
export const settings = { ...own, ...databases };
export type SettingName = keyof typeof settings;
export type ValueOf<N extends SettingName> = (typeof settings)[N] extends Setting<infer T> ? T : never;
