import type { ServiceSchema } from "moleculer";
import DbService from "moleculer-db";
import SequelizeAdapter from "moleculer-db-adapter-sequelize";
import type { Sequelize } from "sequelize";
import type { EventMap } from "../services/contracts.ts";
import { contracts } from "../services/contracts.ts";
import { actor } from "./actor.ts";
import { lockDataFolder } from "./data-folder.ts";
import type { Mailbox } from "./mailbox.ts";
import { measure } from "./mailbox-metrics.ts";
import { migrate, type Migration } from "./migrations.ts";
import { storeActions, type Handlers, type Receiver, type ReceivesAll } from "./sql-actions.ts";
import { connectWithin, databaseOf, modelOf, sequelizeOf } from "./sql-database.ts";
import { SqlKernel, subscribersOf } from "./sql-kernel.ts";
import type { SqlDatabase } from "./sql-session.ts";
import type { SqlActor, Table } from "./sql.types.ts";

export type { Migration } from "./migrations.ts";

/** A durable event as its subscriber gets it. */
export interface ReceivedEvent<E extends keyof EventMap & string = keyof EventMap & string> {
  id: string;
  type: E;
  entity: string;
  version: number;
  at: string;
  payload: EventMap[E];
}

/** What an actor does with the durable events of others; runs in the transaction that writes the inbox row. */
export type Receivers = { [E in keyof EventMap & string]?: Receiver<ReceivedEvent<E>> };

export interface SqlStoreOptions {
  tables: Readonly<Record<string, Table>>;
  migrations: readonly Migration[];
  receives?: Receivers;
  /** Instead of `receives`: one handler for whole deliveries, whatever their events. */
  receivesAll?: ReceivesAll;
  /** Milliseconds until a start without its database fails. */
  startTimeout?: number;
  /** Most calls of one transaction. */
  maxBatch?: number;
  /** Most calls that wait; more are refused with 503. */
  maxQueue?: number;
  /** Who is told of an event; left out: as the contracts say. */
  subscribers?(event: string): readonly string[];
}

/** `this` inside the mixin. */
interface StoreService extends SqlActor {
  adapter: { db: Sequelize };
  mailbox: Mailbox;
  $kernel: SqlKernel | undefined;
  $database: SqlDatabase | undefined;
  $release: (() => void) | undefined;
  $unmeasure: (() => void) | undefined;
  connect(): Promise<void>;
  disconnect(): Promise<void>;
}

interface DbMixin extends ServiceSchema {
  created(this: unknown): void;
}

/** moleculer-db without its actions (never to be published) and without its start, which would wait for ever. */
const {
  actions: _,
  started: __,
  stopped: ___,
  created: createAdapter,
  ...db
} = DbService as unknown as DbMixin;

/** Without this an event of the contract would be parked by its sender one by one, long after the start. */
function refuseMissingReceivers(name: string, receives: Receivers): void {
  const contract = (contracts as Record<string, { receives: readonly string[] } | undefined>)[name];
  const missing = contract?.receives.filter((event) => !(event in receives)) ?? [];
  if (missing.length > 0) throw new Error(`${name}: no receiver for ${missing.join(", ")}`);
}

/** Two nodes on two files would be two truths. */
function refuseSecondNode(service: StoreService): void {
  const others = service.broker.registry.getServiceList({ onlyAvailable: true, skipInternal: true });
  const other = others.find(({ name, nodeID }) => name === service.name && nodeID !== service.broker.nodeID);
  if (other === undefined) return;
  throw new Error(
    `${service.name}: node ${other.nodeID} runs it already, and an embedded database serves one node; set ${service.name.toUpperCase()}_DB_URL on both`,
  );
}

async function open(service: StoreService, options: SqlStoreOptions): Promise<void> {
  const { name, config, adapter, timestamp, logger } = service;
  const embedded = config.databaseUrls[name] === undefined;
  if (embedded) {
    refuseSecondNode(service);
    service.$release = lockDataFolder(config.dataDir);
  }
  await connectWithin(options.startTimeout ?? 15_000, name, () => service.connect());
  const database = await databaseOf(adapter.db);
  service.$database = database;
  const steps = await migrate(database, options.migrations, timestamp);
  if (steps.length > 0) logger.info(`migrated: ${steps.join(", ")}`);
  const { subscribers = subscribersOf, maxBatch, maxQueue } = options;
  const kernel = new SqlKernel({ actor: service, database, subscribers, maxBatch, maxQueue });
  service.$kernel = kernel;
  service.store = kernel.store;
  service.mailbox = kernel.mailbox;
  service.$unmeasure = measure(service.broker, name, kernel.mailbox.stats);
  await kernel.start();
}

async function close(service: StoreService): Promise<void> {
  try {
    service.$unmeasure?.();
    await service.$kernel?.stop();
    // The adapter's own disconnect would wait for the connections that we hold for ever.
    await (service.$database ?? { close: () => service.disconnect() }).close();
  } finally {
    service.$release?.();
  }
}

/**
 * Gives an actor its SQL database: `this.store` (mailbox, outbox, inbox, idempotency) on an embedded SQLite file or on
 * PostgreSQL, brought up to date by migrations, and the actions `receive`, `parked`, `resend` and `jobs`.
 */
export function sqlStore(options: SqlStoreOptions): ServiceSchema {
  const handlers = (options.receives ?? {}) as Handlers;
  const schema = {
    mixins: [db, actor],
    settings: { idField: "id" },
    created(this: StoreService) {
      if (options.receivesAll === undefined) refuseMissingReceivers(this.name, handlers);
      const sequelize = sequelizeOf(this.name, this.config.dataDir, this.config.databaseUrls[this.name]);
      const { schema: own } = this as unknown as { schema: Record<string, unknown> };
      own["model"] = modelOf(sequelize, options.tables);
      own["adapter"] = new SequelizeAdapter(sequelize);
      createAdapter.call(this);
    },
    async started(this: StoreService) {
      try {
        await open(this, options);
      } catch (error) {
        await close(this).catch(() => undefined);
        throw error;
      }
    },
    async stopped(this: StoreService) {
      await close(this);
    },
    events: {
      "$services.changed"(this: StoreService) {
        this.$kernel?.relay.retryNow();
      },
    },
    actions: storeActions(handlers, options.receivesAll),
  };
  return schema as unknown as ServiceSchema;
}
