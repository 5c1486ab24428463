import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { makeJwtKeys } from "../../../config/kept.ts";
import { loadConfig } from "../../../config/load.ts";
import type { Config } from "../../../config/config.ts";

describe("loadConfig", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "valence-config-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const dataDir = () => join(folder, "data");
  const load = (env: Record<string, string> = {}): Config => loadConfig({ DATA_DIR: dataDir(), ...env });
  const refusal = (env: Record<string, string>): string => {
    try {
      load(env);
    } catch (error) {
      return (error as Error).message;
    }
    throw new Error("accepted");
  };
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const given = { APP_SECRET: "s".repeat(32), JWT_KEYS: makeJwtKeys(), ADMIN_PASSWORD: "correct horse" };
  const production = { NODE_ENV: "production", PAYMENT_PROVIDERS: "test" };

  it("needs nothing: one process on loopback", () => {
    expect(load()).to.deep.include({
      production: false,
      host: "127.0.0.1",
      port: 3000,
      transporter: undefined,
      services: undefined,
      databaseUrls: {},
      paymentProviders: ["test"],
      rateLimits: true,
      checkAnswers: false,
    });
  });

  it("reads levels of single actors, and where traces go", () => {
    const config = load({
      LOG_LEVELS: "orders=debug, payments=info",
      TRACING_SAMPLE: "0.25",
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://tempo:4318/",
      OTEL_EXPORTER_OTLP_HEADERS: "x-scope=shop,authorization=Basic%20abc%3D",
    });
    expect(config.logLevels).to.deep.equal({ orders: "debug", payments: "info" });
    expect(config.tracing).to.deep.equal({
      sample: 0.25,
      slowMs: 1000,
      otlp: {
        endpoint: "http://tempo:4318",
        headers: { "x-scope": "shop", authorization: "Basic abc=" },
      },
      zipkinUrl: undefined,
    });
    expect(load({ TRACING: "off" }).tracing).to.equal(undefined);
  });

  it("counts an empty variable as missing", () => {
    expect(load({ PORT: "", REDIS_URL: "", APP_SECRET: "" })).to.include({ port: 3000, redisUrl: undefined });
  });

  const wrong: [name: string, value: string, cure: string][] = [
    ["PORT", "http", "must be a whole number from 0 to 65535"],
    ["PORT", "65536", "must be a whole number from 0 to 65535"],
    ["PORT", "-1", "must be a whole number from 0 to 65535"],
    ["METRICS_PORT", "9,100", "must be a whole number from 0 to 65535"],
    ["DRAIN_SECONDS", "2m", "must be a whole number from 0 to 60"],
    ["PUBLIC_URL", "shop.example.com", "must be a URL that starts with http:// or https://"],
    ["PUBLIC_URL", "https://example.com/shop", "must be an address without a path"],
    ["TRUSTED_PROXIES", "10.0.0.0/33", "must list addresses or blocks"],
    ["TRUSTED_PROXIES", "proxy.local", "must list addresses or blocks"],
    ["RATE_LIMITS", "false", "must be on or off"],
    ["SAMPLE_DATA", "1", "must be on or off"],
    ["CHECK_ANSWERS", "yes", "must be on or off"],
    ["CURRENCY", "pounds", "must be a currency of ISO 4217"],
    ["ADMIN_EMAIL", "admin", "must be an e-mail address"],
    ["ADMIN_PASSWORD", "hunter2", "must have 12 to 200 characters"],
    ["APP_SECRET", "short", "must have at least 32 characters"],
    ["JWT_KEYS", "not json", "must be a JSON Web Key Set of ES256 keys"],
    ["JWT_KEYS", "null", "must be a JSON Web Key Set of ES256 keys"],
    ["JWT_KEYS", '{"keys":[]}', "must be a JSON Web Key Set of ES256 keys"],
    ["JWT_KEYS", '{"keys":[{"kty":"RSA","kid":"1"}]}', "must be a JSON Web Key Set of ES256 keys"],
    ["PASSWORD_COST", "free", "must be strong or cheap"],
    ["PAYMENT_PROVIDERS", "paypal", "must be test or stripe"],
    ["REDIS_URL", "localhost:6379", "must be a URL that starts with redis:// or rediss://"],
    ["SMTP_URL", "mail.example.com", "must be a URL that starts with smtp:// or smtps://"],
    ["STRIPE_API_URL", "stripe", "must be a URL that starts with http:// or https://"],
    ["STRIPE_SECRET_KEY", "sk", "must have at least 8 characters"],
    [
      "ORDERS_DB_URL",
      "mysql://localhost/orders",
      "must be a URL that starts with postgres:// or postgresql://",
    ],
    ["PRODUCTS_DB_URL", "postgres://localhost/products", "must be a URL that starts with mongodb:// or"],
    ["TRANSPORTER", "redis://localhost", "must be a URL that starts with nats://"],
    ["NATS_SYS_URL", "nats", "must be a URL that starts with nats://"],
    ["LOGLEVEL", "loud", "must be fatal or error or warn"],
    ["LOG_LEVELS", "orders:debug", "must be actor=level pairs"],
    ["TRACING_SAMPLE", "2", "must be a number from 0 to 1"],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "tempo:4318", "must be a URL that starts with http"],
    ["ZIPKIN_URL", "http://me:secret@zipkin", "must be an address such as"],
  ];
  for (const [name, value, cure] of wrong) {
    it(`refuses ${name}=${value} with one line that names it and the cure, and makes nothing`, () => {
      const message = refusal({ [name]: value });
      expect(message)
        .to.match(new RegExp(`^${name} `))
        .and.contain(cure);
      expect(message).not.to.contain("\n");
      expect(existsSync(dataDir())).to.equal(false);
    });
  }

  it("repeats a wrong value, but never a secret", () => {
    expect(refusal({ PORT: "http" })).to.contain('"http"');
    expect(refusal({ ADMIN_PASSWORD: "hunter2" })).not.to.contain("hunter2");
    expect(refusal({ ORDERS_DB_URL: "mysql://u:hunter2@db" })).not.to.contain("hunter2");
  });

  it("keeps what is for trying out away from production", () => {
    expect(refusal({ ...production, RATE_LIMITS: "off" })).to.match(/^RATE_LIMITS /);
    expect(refusal({ ...production, PASSWORD_COST: "cheap" })).to.match(/^PASSWORD_COST /);
    expect(refusal({ NODE_ENV: "production" })).to.match(/^PAYMENT_PROVIDERS /);
    expect(load(production)).to.include({ production: true, checkAnswers: false });
  });

  it("refuses Stripe without its keys", () => {
    const stripe = { PAYMENT_PROVIDERS: "stripe" };
    expect(refusal(stripe)).to.match(/^STRIPE_SECRET_KEY /);
    expect(refusal({ ...stripe, STRIPE_SECRET_KEY: "sk_test_1" })).to.match(/^STRIPE_WEBHOOK_SECRET /);
  });

  it("refuses plain HTTP beyond this machine unless PUBLIC_URL says so", () => {
    expect(refusal({ HOST: "0.0.0.0" })).to.match(/^PUBLIC_URL /);
    expect(load({ HOST: "0.0.0.0", PUBLIC_URL: "https://shop.example.com/" }).publicUrl).to.equal(
      "https://shop.example.com",
    );
    expect(load({ HOST: "0.0.0.0", SERVICES: "orders" }).services).to.deep.equal(["orders"]);
  });

  it("reads a secret from a file", () => {
    const config = load({ ADMIN_PASSWORD_FILE: file("password", "correct horse battery\n") });
    expect(config).to.include({ adminPassword: "correct horse battery", adminPasswordMade: false });
  });

  it("refuses a secret's file that is not there, that is wrong, or beside the variable", () => {
    expect(refusal({ APP_SECRET_FILE: join(folder, "nowhere") })).to.equal(
      "APP_SECRET_FILE names a file that cannot be read.",
    );
    expect(refusal({ APP_SECRET_FILE: file("short", "short") })).to.match(
      /^APP_SECRET_FILE must have at least 32/,
    );
    expect(refusal({ ...given, APP_SECRET_FILE: file("good", "s".repeat(40)) })).to.match(
      /^APP_SECRET_FILE and APP_SECRET/,
    );
  });

  it("makes missing secrets once and keeps them to itself", () => {
    const first = load();
    const second = load();
    expect(second).to.deep.include({
      appSecret: first.appSecret,
      jwtKeys: first.jwtKeys,
      adminPassword: first.adminPassword,
    });
    expect([first.adminPasswordMade, second.adminPasswordMade]).to.deep.equal([true, false]);
    expect(statSync(dataDir()).mode & 0o777).to.equal(0o700);
    for (const name of ["app_secret", "jwt_keys", "admin_password"]) {
      expect(statSync(join(dataDir(), name)).mode & 0o777, name).to.equal(0o600);
    }
    expect(readFileSync(join(dataDir(), "app_secret"), "utf8").trim()).to.equal(first.appSecret);
  });

  it("makes other secrets for another store", () => {
    const other = loadConfig({ DATA_DIR: join(folder, "other") });
    expect(other.appSecret).not.to.equal(load().appSecret);
  });

  describe("in a cluster", () => {
    const cluster = { TRANSPORTER: "nats://localhost:4222" };

    it("wants the secrets that nodes share, where they are used", () => {
      expect(refusal({ ...cluster, ...given, APP_SECRET: "" })).to.match(/^APP_SECRET /);
      expect(refusal({ ...cluster, ...given, JWT_KEYS: "" })).to.match(/^JWT_KEYS /);
      expect(refusal({ ...cluster, ...given, ADMIN_PASSWORD: "" })).to.match(/^ADMIN_PASSWORD /);
      expect(load({ ...cluster, ...given })).to.include({ appSecret: given.APP_SECRET });
      expect(load({ ...cluster, SERVICES: "search" }).appSecret).to.have.lengthOf(43);
    });

    it("needs no data folder where every database is elsewhere", () => {
      load({ ...cluster, ...given, SERVICES: "orders", ORDERS_DB_URL: "postgres://db/orders" });
      expect(existsSync(dataDir())).to.equal(false);
    });

    it("lets a gateway do with public keys, and no node that signs", () => {
      const { keys } = JSON.parse(given.JWT_KEYS) as { keys: Record<string, string>[] };
      const JWT_KEYS = JSON.stringify({ keys: keys.map(({ d: _private, ...rest }) => rest) });
      expect(load({ ...cluster, ...given, JWT_KEYS, SERVICES: "gateway" }).jwtKeys).to.have.lengthOf(1);
      expect(refusal({ ...cluster, ...given, JWT_KEYS, SERVICES: "users" })).to.match(
        /^JWT_KEYS must begin with a private key/,
      );
    });
  });
});
