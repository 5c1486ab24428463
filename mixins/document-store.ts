import type { Context, ServiceSchema } from "moleculer";
import DbService from "moleculer-db";
import { actorActions, type Delivery } from "../contract/actor-actions.ts";
import { actor } from "./actor.ts";
import { lockDataFolder } from "./data-folder.ts";
import {
  countJobs,
  listParked,
  receiveEvents,
  resendParked,
  type QueueOwner,
  type Receiver,
} from "./document-actions.ts";
import { DocumentCollection } from "./document-collection.ts";
import { DocumentRelay, type Receipt } from "./document-relay.ts";
import { connectWithin } from "./sql-database.ts";
import { subscribersOf } from "./sql-kernel.ts";
import { deliverTraced } from "../tracing/deliver.ts";
import { tracesOf } from "../tracing/traces-of.ts";
import { runOutside } from "../tracing/current.ts";
import { keptField } from "./document-shape.ts";
import { adapterFor } from "./document-adapter.ts";
import type { CollectionOptions, DocumentActor, DocumentAdapter, Stored } from "./document-types.ts";

/** Between looks for events whose next try is due. */
const POLL_MS = 500;
/** Until a start without its database server fails. */
const START_MS = 15_000;
const CALL_TIMEOUT_MS = 5000;

export interface DocumentStoreOptions<C extends Record<string, Stored>> {
  /** The first is the one that the actor is named for. */
  readonly collections: { readonly [K in keyof C & string]: CollectionOptions };
  /** Durable events that the actor takes. */
  readonly receives?: Readonly<Record<string, Receiver<DocumentActor<C>>>>;
  /** Told of documents that changed on disk before their change is answered, of many at once together; for copies elsewhere. */
  readonly changed?: (this: DocumentActor<C>, collection: keyof C & string, ids: readonly string[]) => void;
}

/** moleculer-db without its actions (wrong-row updates, questions about hidden fields) and without its start, which would wait for ever. */
const { actions: _, created: __, started: ___, stopped: ____, ...db } = DbService as unknown as ServiceSchema;

type Self = DocumentActor<Record<string, Stored>> & Record<typeof parts, Parts> & { adapter: unknown };

/** What the mixin keeps on its service. */
interface Parts {
  adapters: Map<string, DocumentAdapter>;
  relays: Map<string, DocumentRelay>;
  collections: DocumentCollection<Stored>[];
  timer?: NodeJS.Timeout;
  /** Gives the lock of the data folder back. */
  release?: () => void;
}
const parts = Symbol("document store");

/** Indexes that the store itself asks by. */
const own: Readonly<Record<string, { unique: boolean }>> = {
  _at: { unique: true },
  _due: { unique: false },
  _parked: { unique: false },
  _keyed: { unique: true },
};

async function openCollection(adapter: DocumentAdapter, { indexes }: CollectionOptions): Promise<void> {
  await adapter.connect();
  for (const [field, { unique }] of Object.entries(own)) await adapter.index(field, { unique });
  for (const [field, { unique }] of Object.entries(indexes))
    await adapter.index(keptField(field), { unique: unique !== undefined });
}

function relayOf(self: Self, adapter: DocumentAdapter): DocumentRelay {
  return new DocumentRelay({
    adapter,
    now: () => self.clock.now(),
    deliver: (subscriber, events) =>
      deliverTraced(tracesOf(self.broker), self.name, subscriber, events, (sent) =>
        self.broker.call<Receipt, { from: string; events: Delivery[] }>(
          `${subscriber}.receive`,
          { from: self.name, events: sent },
          { timeout: CALL_TIMEOUT_MS, retries: 0 },
        ),
      ),
    failed: (error) => self.logger.warn(`${self.name}: events wait in their documents: ${error.message}`),
  });
}

function buildCollection<C extends Record<string, Stored>>(
  self: Self,
  name: string,
  { collections, changed }: DocumentStoreOptions<C>,
  { adapter, relay }: { adapter: DocumentAdapter; relay: DocumentRelay },
): DocumentCollection<Stored> {
  let untold: string[] = [];
  return new DocumentCollection({
    name: self.name,
    options: collections[name] as CollectionOptions,
    adapter,
    source: { subscribers: subscribersOf, newId: () => self.newId(), now: () => self.clock.now() },
    changed(ids, events) {
      if (changed) untold.push(...ids);
      // One delivery serves many changes, so it belongs to none of their calls.
      if (events) void runOutside(() => relay.wake(true));
    },
    tell() {
      const ids = untold;
      untold = [];
      if (ids.length > 0) changed?.call(self as unknown as DocumentActor<C>, name, ids);
    },
  });
}

/** Two nodes on two files would be two truths. */
function refuseSecondNode({ broker, name }: Self): void {
  const others = broker.registry.getServiceList({ onlyAvailable: true, skipInternal: true });
  const other = others.find((service) => service.name === name && service.nodeID !== broker.nodeID);
  if (!other) return;
  throw new Error(
    `${name}: node ${other.nodeID} runs it already, and an embedded database serves one node; set ${name.toUpperCase()}_DB_URL on both`,
  );
}

async function open<C extends Record<string, Stored>>(self: Self, { collections }: DocumentStoreOptions<C>) {
  const { adapters, relays } = self[parts];
  if (self.config.databaseUrls[self.name] === undefined) {
    refuseSecondNode(self);
    self[parts].release = lockDataFolder(self.config.dataDir);
  }
  for (const [name, adapter] of adapters) {
    const connect = () => openCollection(adapter, collections[name] as CollectionOptions);
    await (adapter.exclusive ? connect() : connectWithin(START_MS, self.name, connect));
  }
  const look = (): void => {
    relays.forEach((relay) => void relay.wake(false));
    // While the database is away the copies grow old by themselves.
    for (const one of self[parts].collections) one.recheck().catch(() => undefined);
  };
  self[parts].timer = setInterval(look, POLL_MS).unref();
  look();
}

async function close(self: Self): Promise<void> {
  const { adapters, relays, timer, release } = self[parts];
  try {
    clearInterval(timer);
    await Promise.all([...relays.values()].map((relay) => relay.stop()));
    await Promise.all([...adapters.values()].map((adapter) => adapter.disconnect()));
  } finally {
    release?.();
  }
}

const ownerOf = (self: Self): QueueOwner => ({
  adapters: self[parts].adapters,
  now: () => self.clock.now(),
  wake: (collection) => void self[parts].relays.get(collection)?.wake(true),
});

/** An action of the actor as its contract describes it, for other actors alone. */
const internal = (
  name: keyof typeof actorActions,
  handler: (this: Self, ctx: Context<never>) => unknown,
) => ({
  timeout: 1000,
  ...actorActions[name],
  visibility: "public",
  handler,
});

const storeActions = <C extends Record<string, Stored>>({ receives = {} }: DocumentStoreOptions<C>) => ({
  receive: internal("receive", function (ctx) {
    return receiveEvents(this as unknown as DocumentActor<C>, receives, ctx);
  }),
  parked: internal("parked", function () {
    return listParked(ownerOf(this));
  }),
  resend: internal("resend", function (ctx: Context<{ id: string }>) {
    return resendParked(ownerOf(this), ctx.params.id);
  }),
  jobs: internal("jobs", function () {
    return countJobs(ownerOf(this));
  }),
});

/**
 * Brings `this.documents`: collections of one actor that are on disk before they answer. Embedded: one NeDB file each in
 * `DATA_DIR`; with `<ACTOR>_DB_URL` a MongoDB database. Durable events and audit entries wait inside the documents whose
 * change they tell, and are delivered from there.
 */
export function documentStore<C extends Record<string, Stored>>(
  options: DocumentStoreOptions<C>,
): Partial<ServiceSchema> {
  const names = Object.keys(options.collections);
  return {
    mixins: [db, actor],
    settings: { idField: "id" },
    collection: names[0],
    actions: storeActions(options),
    created(this: Self) {
      const adapters = new Map(names.map((name) => [name, adapterFor(this, name)]));
      const relays = new Map([...adapters].map(([name, adapter]) => [name, relayOf(this, adapter)]));
      const collections = [...adapters].map(([name, adapter]) => {
        const relay = relays.get(name) as DocumentRelay;
        return [name, buildCollection(this, name, options, { adapter, relay })] as const;
      });
      this[parts] = { adapters, relays, collections: collections.map(([, collection]) => collection) };
      adapters.forEach((adapter) => adapter.init(this.broker, this));
      this.adapter = adapters.get(names[0] as string);
      this.documents = Object.fromEntries(collections);
    },
    async started(this: Self) {
      try {
        await open(this, options);
      } catch (error) {
        await close(this).catch(() => undefined);
        throw error;
      }
    },
    async stopped(this: Self) {
      await close(this);
    },
    events: {
      "$services.changed"(this: Self) {
        this[parts].relays.forEach((relay) => relay.retryNow());
      },
    },
  } as unknown as Partial<ServiceSchema>;
}
