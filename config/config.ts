/** An ES256 key of the access tokens, as JSON Web Key; the first of the set signs, all of them verify. */
export interface JwtKey {
  readonly kid: string;
  readonly kty: "EC";
  readonly crv: "P-256";
  readonly x: string;
  readonly y: string;
  /** The private half; a node that only verifies does without. */
  readonly d?: string;
  /** Seconds since 1970 by which the operator wants it replaced; watched, not enforced. */
  readonly exp?: number;
}

/** What the environment asked for, checked; made by `loadConfig()` of moleculer.config.ts. */
export interface Config {
  readonly production: boolean;
  /** Names of the services that this node runs; undefined: all of them. */
  readonly services: readonly string[] | undefined;
  readonly nodeID: string | undefined;
  readonly namespace: string;
  readonly transporter: string | undefined;
  readonly natsSysUrl: string | undefined;
  readonly logLevel: LogLevel | "off";
  /** Levels of single actors. */
  readonly logLevels: Readonly<Record<string, LogLevel>>;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Where shoppers reach the store, without a slash at the end; undefined: the address that the gateway listens on. */
  readonly publicUrl: string | undefined;
  /** Addresses and CIDR blocks whose `X-Forwarded-For` counts. */
  readonly trustedProxies: readonly string[];
  /** Between not being ready and stopping. */
  readonly drainSeconds: number;
  readonly metricsPort: number | undefined;
  /** Absolute paths of PEM files whose end is watched. */
  readonly certificateFiles: readonly string[];
  /** Undefined: no traces are made. */
  readonly tracing: TracingConfig | undefined;
  readonly rateLimits: boolean;
  /** An absolute path; the folder exists. */
  readonly dataDir: string;
  /** Database URL of an actor; an actor that is not in it keeps its data in `dataDir`. */
  readonly databaseUrls: Readonly<Record<string, string | undefined>>;
  readonly redisUrl: string | undefined;
  readonly smtpUrl: string | undefined;
  readonly mailFrom: string;
  readonly adminEmail: string;
  readonly adminPassword: string;
  /** The admin's password was made by this very start, which may print it once. */
  readonly adminPasswordMade: boolean;
  readonly appSecret: string;
  readonly jwtKeys: readonly JwtKey[];
  /** `cheap` is for tests alone. */
  readonly passwordCost: "strong" | "cheap";
  /** ISO 4217; of carts and quotes that name none. */
  readonly currency: string;
  readonly paymentProviders: readonly PaymentProvider[];
  readonly stripe: { secretKey: string; webhookSecret: string; apiUrl: string | undefined } | undefined;
  /** The whole store is for trying out: test keys, the test provider alone, a clock that can be moved, a reset. */
  readonly sandbox: boolean;
  /** Webhooks may go to addresses that are not public; for trying out. */
  readonly webhookAllowPrivate: boolean;
  readonly sampleData: boolean;
  /** JSON files that replace the built-in tables of taxes and shipping rates. */
  readonly taxTable: string | undefined;
  readonly shippingTable: string | undefined;
  /** Checks every answer of an action against its contract. */
  readonly checkAnswers: boolean;
}

export interface TracingConfig {
  /** Part of the requests whose trace is kept although nothing went wrong, 0 to 1. */
  readonly sample: number;
  /** Milliseconds from which on a request is slow, and its trace is kept. */
  readonly slowMs: number;
  readonly otlp:
    { readonly endpoint: string; readonly headers: Readonly<Record<string, string>> } | undefined;
  readonly zipkinUrl: string | undefined;
}

export type LogLevel = "fatal" | "error" | "warn" | "info" | "debug" | "trace";
export type PaymentProvider = "test" | "stripe";
