import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import type { Config } from "../../config/config.ts";
import { stripeCharges, type StripeCharge } from "./stripe.ts";

/** Committed rows of one actor's own database; nothing is ever written. */
export interface Reader {
  readonly dialect: "sqlite" | "postgres";
  all<R>(sql: string): Promise<R[]>;
}

/** Every actor's database, as far as it is there. */
export interface Databases {
  of(actor: string): Reader | undefined;
  /** Names of the actors that keep rows in SQL. */
  readonly actors: readonly string[];
  /** Ids of products whose events still wait for delivery. */
  undeliveredProducts(): string[];
  /** The test provider's own ledger. */
  testCharges<R>(): Promise<R[]>;
  /** Stripe is configured, so its ledger is compared with ours. */
  readonly asksStripe: boolean;
  /** What Stripe holds for the store's orders; none when Stripe is not configured. */
  stripeCharges(): Promise<StripeCharge[]>;
  close(): Promise<void>;
}

const sqlActors = ["users", "inventory", "carts", "orders", "payments", "notifications", "webhooks", "audit"];

function sqliteReader(file: string): Reader & { close(): void } {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
  return {
    dialect: "sqlite",
    all: <R>(sql: string) => Promise.resolve(database.prepare(sql).all() as R[]),
    close: () => database.close(),
  };
}

async function postgresReader(url: string): Promise<Reader & { close(): Promise<void> }> {
  const types = {
    getTypeParser: (oid: number, format?: "text") =>
      oid === 20 ? Number : pg.types.getTypeParser(oid, format),
  };
  const client = new pg.Client({ connectionString: url, types: types as never });
  await client.connect();
  return {
    dialect: "postgres",
    all: async <R>(sql: string) => (await client.query(sql)).rows as R[],
    close: () => client.end(),
  };
}

/** The last state of each line of the catalogue's file (the document store appends whole documents). */
function undelivered(file: string): string[] {
  if (!existsSync(file)) return [];
  const waiting = new Map<string, boolean>();
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (!line.endsWith("}")) continue;
    const document = JSON.parse(line) as { _id?: string; $$deleted?: boolean; _events?: unknown[] };
    if (document._id !== undefined)
      waiting.set(document._id, !document.$$deleted && (document._events?.length ?? 0) > 0);
  }
  return [...waiting].filter(([, yes]) => yes).map(([id]) => id);
}

export type Stores = Pick<Config, "dataDir" | "databaseUrls"> & Partial<Pick<Config, "stripe">>;

/** A node that never ran the test provider has no tables of it. */
async function chargesIn<R>(ledger: Reader | undefined, isPostgres: boolean): Promise<R[]> {
  const tables = isPostgres
    ? "select 1 as one from information_schema.tables where table_name = 'test_provider_charges'"
    : "select 1 as one from sqlite_master where name = 'test_provider_charges'";
  if (!ledger || (await ledger.all(tables)).length === 0) return [];
  return ledger.all<R>("select order_id, status, amount, captured, refunded from test_provider_charges");
}

/** Opens what the configuration names: files in the data folder, or the databases by URL. */
export async function openDatabases(config: Stores): Promise<Databases> {
  const readers = new Map<string, Reader & { close(): unknown }>();
  for (const actor of sqlActors) {
    const url = config.databaseUrls[actor];
    const file = join(config.dataDir, `${actor}.sqlite`);
    if (url !== undefined) readers.set(actor, await postgresReader(url));
    else if (existsSync(file)) readers.set(actor, sqliteReader(file));
  }
  const ledger = join(config.dataDir, "test-provider.sqlite");
  const provider =
    config.databaseUrls["payments"] === undefined && existsSync(ledger) ? sqliteReader(ledger) : undefined;
  return {
    testCharges: <R>() =>
      chargesIn<R>(provider ?? readers.get("payments"), config.databaseUrls["payments"] !== undefined),
    asksStripe: config.stripe !== undefined,
    stripeCharges: () => stripeCharges(config.stripe),
    of: (actor) => readers.get(actor),
    actors: [...readers.keys()],
    undeliveredProducts: () =>
      config.databaseUrls["products"] === undefined ? undelivered(join(config.dataDir, "products.db")) : [],
    async close() {
      for (const reader of readers.values()) await reader.close();
      provider?.close();
    },
  };
}
