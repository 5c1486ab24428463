import type { Context, ServiceSchema } from "moleculer";
import DbService from "moleculer-db";
import { actorActions, type Delivery } from "../contract/actor-actions.ts";
import { contracts } from "../services/contracts.ts";
import { actor } from "./actor.ts";
import {
  countJobs,
  listParked,
  receiveEvents,
  resendParked,
  type QueueOwner,
  type Receiver,
} from "./document-actions.ts";
import { DocumentCollection } from "./document-collection.ts";
import { MongoAdapter } from "./document-mongo.ts";
import { NedbAdapter } from "./document-nedb.ts";
import { DocumentRelay, type Receipt } from "./document-relay.ts";
import type { CollectionOptions, DocumentActor, DocumentAdapter, Stored } from "./document-types.ts";

/** Between looks for events whose next try is due. */
const POLL_MS = 1000;
/** Ids of changed documents are told together, this long after the first. */
const TELL_MS = 20;

export interface DocumentStoreOptions<C extends Record<string, Stored>> {
  /** The first is the one that the actor is named for. */
  readonly collections: { readonly [K in keyof C & string]: CollectionOptions };
  /** Durable events that the actor takes. */
  readonly receives?: Readonly<Record<string, Receiver<DocumentActor<C>>>>;
  /** Told soon after documents changed on disk; for copies elsewhere. */
  readonly changed?: (this: DocumentActor<C>, collection: keyof C & string, ids: readonly string[]) => void;
}

type Self = DocumentActor<Record<string, Stored>> & Record<typeof parts, Parts> & { adapter: unknown };

/** What the mixin keeps on its service. */
interface Parts {
  adapters: Map<string, DocumentAdapter>;
  relays: Map<string, DocumentRelay>;
  failure?: Error;
  timer?: NodeJS.Timeout;
}
const parts = Symbol("document store");

const subscribersOf = (event: string): string[] =>
  Object.values(contracts)
    .filter(({ receives }) => receives.includes(event))
    .map(({ name }) => name);

/** Indexes that the store itself asks by. */
const own: Readonly<Record<string, { unique: boolean }>> = {
  _at: { unique: true },
  _due: { unique: false },
  _parked: { unique: false },
  "_keys.key": { unique: true },
};

function adapterFor(self: Self, collection: string): DocumentAdapter {
  const url = self.config.databaseUrls[self.name];
  if (url !== undefined) return new MongoAdapter(url, collection);
  const file = collection === self.name ? collection : `${self.name}.${collection}`;
  return new NedbAdapter(self.config.dataDir, file);
}

async function openCollection(adapter: DocumentAdapter, { indexes }: CollectionOptions): Promise<void> {
  await adapter.connect();
  for (const [field, { unique }] of Object.entries(own)) await adapter.index(field, { unique });
  for (const [field, { unique }] of Object.entries(indexes))
    await adapter.index(field, { unique: unique !== undefined });
}

function relayOf(self: Self, adapter: DocumentAdapter): DocumentRelay {
  return new DocumentRelay({
    adapter,
    now: () => self.clock.now(),
    deliver: (subscriber, events) =>
      self.broker.call<Receipt, { from: string; events: Delivery[] }>(`${subscriber}.receive`, {
        from: self.name,
        events,
      }),
    failed: (error) => self.logger.warn(`${self.name}: events wait in their documents: ${error.message}`),
  });
}

/** Collects ids and tells them together. */
function teller(tell: (ids: readonly string[]) => void): (ids: readonly string[]) => void {
  let waiting: string[] = [];
  return (ids) => {
    if (waiting.length === 0)
      setTimeout(() => {
        const all = waiting;
        waiting = [];
        tell(all);
      }, TELL_MS);
    waiting.push(...ids);
  };
}

function buildCollection<C extends Record<string, Stored>>(
  self: Self,
  name: string,
  { collections, changed }: DocumentStoreOptions<C>,
  { adapter, relay }: { adapter: DocumentAdapter; relay: DocumentRelay },
): DocumentCollection<Stored> {
  const tell = teller((ids) => changed?.call(self as unknown as DocumentActor<C>, name, ids));
  return new DocumentCollection({
    name: self.name,
    options: collections[name] as CollectionOptions,
    adapter,
    source: { subscribers: subscribersOf, newId: () => self.newId(), now: () => self.clock.now() },
    changed(ids, events) {
      if (changed) tell(ids);
      if (events) void relay.wake(true);
    },
  });
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
    // moleculer-db's own actions are open to wrong-row updates and to questions about hidden fields.
    mixins: [actor, { ...(DbService as unknown as Partial<ServiceSchema>), actions: {} }],
    settings: { idField: "id" },
    collection: names[0],
    actions: storeActions(options),
    methods: {
      /** Called by moleculer-db, which would try again for ever: a failure is kept for `started` instead. */
      async connect(this: Self) {
        try {
          for (const name of names)
            await openCollection(
              this[parts].adapters.get(name) as DocumentAdapter,
              options.collections[name] as CollectionOptions,
            );
        } catch (error) {
          this[parts].failure = error as Error;
        }
      },
      async disconnect(this: Self) {
        clearInterval(this[parts].timer);
        await Promise.all([...this[parts].relays.values()].map((relay) => relay.stop()));
        await Promise.all([...this[parts].adapters.values()].map((adapter) => adapter.disconnect()));
      },
    },
    created(this: Self) {
      const adapters = new Map(names.map((name) => [name, adapterFor(this, name)]));
      const relays = new Map([...adapters].map(([name, adapter]) => [name, relayOf(this, adapter)]));
      this[parts] = { adapters, relays };
      adapters.forEach((adapter) => adapter.init(this.broker, this));
      this.adapter = adapters.get(names[0] as string);
      this.documents = Object.fromEntries(
        [...adapters].map(([name, adapter]) => [
          name,
          buildCollection(this, name, options, { adapter, relay: relays.get(name) as DocumentRelay }),
        ]),
      );
    },
    started(this: Self) {
      const { failure, relays } = this[parts];
      if (failure) throw failure;
      const look = (): void => relays.forEach((relay) => void relay.wake(false));
      this[parts].timer = setInterval(look, POLL_MS).unref();
      look();
    },
  } as unknown as Partial<ServiceSchema>;
}
