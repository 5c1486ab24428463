import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ServiceBroker, type Context, type ServiceSchema } from "moleculer";
import pg from "pg";
import type { Delivery } from "../../../contract/actor-actions.ts";
import { refuse } from "../../../contract/errors.ts";
import type { Meta } from "../../../contract/meta.ts";
import { setContext, type Config } from "../../../mixins/context.ts";
import { sql } from "../../../mixins/sql.ts";
import { sqlStore, type Receivers, type SqlStoreOptions } from "../../../mixins/sql-store.ts";
import type { Outcome, SqlActor, SqlTx, Table } from "../../../mixins/sql.types.ts";

/** A tiny actor on the real mixin: notes with an amount, and what it hears from another of its kind. */
export const notes: Table = { id: "text", account: "text", amount: "bigint" };
export const heard: Table = { seq: "bigint", event_id: "text", entity: "text", text: "text" };

export const migrations = [
  {
    name: "001.notes",
    up: [
      "create table notes (id text primary key, account text not null, amount bigint not null check (amount < 1000000))",
      "create table stock (sku text primary key, n bigint not null)",
      "create table heard (event_id text primary key, entity text not null, text text not null)",
    ],
    down: ["drop table heard", "drop table stock", "drop table notes"],
  },
];

export type Note = { id: string; account: string; amount: number };

/** What a test steers: which entities and notes the subscriber refuses; and what it heard. */
export interface Ears {
  refuses: Set<string>;
  heard: string[];
  /** What it waits for in the middle of an event. */
  gate?: () => Promise<unknown>;
}

export interface LedgerActor extends SqlActor {
  put(note: Note): Promise<string>;
  mailbox: { stats: Record<string, number> };
}

const putAll = async (tx: SqlTx, items: readonly Note[]): Promise<Outcome<string>[]> => {
  const good = items.filter(({ amount }) => amount >= 0);
  if (good.some(({ account }) => account === "bomb")) throw new Error("bomb");
  await tx.insert("notes", notes, good);
  for (const { id, account } of good) {
    tx.publish("ledger.noted" as never, { entity: account, version: 1 }, { id } as never);
  }
  return items.map(({ id, amount }) =>
    amount >= 0 ? { ok: id } : { error: refuse(409, "NEGATIVE", "Negative.") },
  );
};

export function ledger(name: string, options: Partial<SqlStoreOptions> = {}): ServiceSchema {
  const store = sqlStore({ tables: { notes }, migrations, subscribers: () => [], ...options });
  return {
    name,
    mixins: [store],
    async started(this: LedgerActor) {
      this.put = this.store.batch("put", putAll);
      await Promise.resolve();
    },
    actions: {
      put(this: LedgerActor, ctx: Context<Note>) {
        return this.put(ctx.params);
      },
      once(this: LedgerActor, ctx: Context<Note, Meta>) {
        return this.store.writeOnce(ctx, async (tx) => {
          if (ctx.params.amount < 0) throw refuse(409, "NEGATIVE", "Negative.");
          await tx.insert("notes", notes, [{ ...ctx.params, id: this.newId() }]);
          ctx.meta.status = 201;
          return { account: ctx.params.account, at: this.newId() };
        });
      },
    },
  } as unknown as ServiceSchema;
}

export function listener(name: string, ears: Ears): ServiceSchema {
  const receives = {
    "ledger.noted": async (tx: SqlTx, event: Delivery) => {
      const { id } = event.payload as { id: string };
      await ears.gate?.();
      await tx.run(
        sql`insert into heard (event_id, entity, text) values (${event.id}, ${event.entity}, ${id})`,
      );
      if (ears.refuses.has(event.entity) || ears.refuses.has(id))
        throw new Error(`${event.entity} is not wanted`);
      ears.heard.push(id);
    },
  } as unknown as Receivers;
  return ledger(name, { receives });
}

/** Takes notes together and all else one by one; `calls` has what each call of a handler brought. */
export function band(name: string, calls: string[][], refuses: ReadonlySet<string>): ServiceSchema {
  const take = async (tx: SqlTx, events: readonly Delivery[]): Promise<void> => {
    calls.push(events.map(({ id }) => id));
    if (events.some(({ id }) => refuses.has(id))) throw new Error("not wanted");
    const rows = events.map(({ id, entity }) => ({ event_id: id, entity, text: "" }));
    await tx.insert("heard", { event_id: "text", entity: "text", text: "text" }, rows);
  };
  const receives = {
    "ledger.noted": { all: take },
    "ledger.closed": (tx: SqlTx, event: Delivery) => take(tx, [event]),
  } as unknown as Receivers;
  return ledger(name, { receives });
}

export class ManualClock {
  #ahead = 0;
  now(): number {
    return Date.now() + this.#ahead;
  }
  advance(ms: number): void {
    this.#ahead += ms;
  }
}

export const postgresUrl = process.env["TEST_POSTGRES_URL"];

/** Each of the two databases; PostgreSQL only when the environment names one. */
export const databases: readonly ("sqlite" | "postgres")[] =
  postgresUrl === undefined ? ["sqlite"] : ["sqlite", "postgres"];
if (postgresUrl === undefined)
  console.warn("\n  !! TEST_POSTGRES_URL is not set: the kernel is tested on SQLite only\n");

async function admin(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

export interface Place {
  dataDir: string;
  databaseUrls: Record<string, string>;
  remove(): Promise<void>;
}

let places = 0;

/** A fresh database for each actor. */
export async function place(kind: "sqlite" | "postgres", actors: readonly string[]): Promise<Place> {
  const dataDir = mkdtempSync(join(tmpdir(), "valence-kernel-"));
  const databaseUrls: Record<string, string> = {};
  const made: string[] = [];
  for (const actor of kind === "postgres" ? actors : []) {
    const name = `kernel_${process.pid}_${places++}_${actor}`;
    await admin(`create database ${name}`);
    made.push(name);
    const url = new URL(postgresUrl as string);
    url.pathname = `/${name}`;
    databaseUrls[actor] = url.href;
  }
  return {
    dataDir,
    databaseUrls,
    async remove() {
      for (const name of made) await admin(`drop database if exists ${name} with (force)`);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A node with those actors. */
export async function node(at: Place, schemas: readonly ServiceSchema[], clock = new ManualClock()) {
  const { dataDir, databaseUrls } = at;
  const config = { dataDir, databaseUrls, appSecret: "s".repeat(32), production: false, sandbox: true };
  const broker = new ServiceBroker({ logger: false, validator: false, skipProcessEventRegistration: true });
  setContext(broker, config as unknown as Config, clock);
  for (const schema of schemas) broker.createService(schema);
  await broker.start();
  const actorOf = (name: string) => broker.getLocalService(name) as unknown as LedgerActor;
  return { broker, clock, actorOf, stop: () => broker.stop() };
}

/** Waits until `check` holds. */
export async function until(check: () => Promise<boolean> | boolean, ms = 10_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await check())) {
    if (Date.now() > end) throw new Error("it did not come to pass in time");
    await sleep(10);
  }
}

export const count = async (
  actor: LedgerActor,
  table: "notes" | "heard" | "outbox" | "inbox" | "events",
): Promise<number> =>
  (
    (await actor.store.read.get<{ n: number }>({
      strings: [`select count(*) as n from ${table}`],
      values: [],
    })) ?? { n: -1 }
  ).n;

/** Tells of a note. */
export const say = (actor: LedgerActor, id: string, entity: string): Promise<void> =>
  actor.store.write((tx) => {
    tx.publish("ledger.noted" as never, { entity, version: 1 }, { id } as never);
    return Promise.resolve();
  });

/** All that was told was delivered. */
export const empty = (actor: LedgerActor): Promise<void> =>
  until(async () => (await count(actor, "outbox")) === 0);

/** What a call fails with; it must. */
export const failure = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => {
      throw new Error("it was to be refused");
    },
    (error: unknown) => error as Error,
  );
