import type { AuditEntry, Actor } from "./sql.types.ts";
import type { EventMap } from "../services/contracts.ts";
import type { Meta } from "../contract/meta.ts";

/** What every document has; all times are UTC ISO 8601. */
export interface Stored {
  readonly id: string;
  /** Starts at 1 and grows by one with each change. */
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A document as its actor makes it; the store adds version and times. */
export type Draft<D extends Stored> = Omit<D, "version" | "createdAt" | "updatedAt">;

/** What is left of a removed document, so that indexes which are built from the collection can drop it. */
export interface Tombstone {
  readonly id: string;
  readonly removed: true;
  readonly updatedAt: string;
}

export interface IndexOptions {
  /** Code of the 409 that answers a value which another document already has. */
  readonly unique?: string;
}

export interface CollectionOptions {
  /** What people call one document, for `notFound`. */
  readonly entity: string;
  /** Every field that is asked by, dots allowed (`variants.sku`); each is indexed, and no other may be asked by. */
  readonly indexes: Readonly<Record<string, IndexOptions>>;
  /** Frozen documents kept in memory for `hot` reads; left out: 1,000. */
  readonly hot?: number;
}

/** Records what goes with a change in the same atomic write: durable events and audit entries. */
export interface ChangeLog {
  /** The document's version once the change is written. */
  readonly version: number;
  publish<E extends keyof EventMap & string>(event: E, payload: EventMap[E]): void;
  audit(entry: AuditEntry): void;
}

/** A keyed repeat: the same key with the same hash answers the document that its first use wrote. */
export interface Once {
  readonly key: string;
  readonly hash: string;
}

/** Makes the next state from the current one, which is frozen. Synchronous; run again when the document moved meanwhile. */
export type Change<D extends Stored> = (current: D, log: ChangeLog) => Draft<D>;

export interface UpsertItem<D extends Stored> {
  readonly id: string;
  /** `current` is undefined when no document has this id. */
  readonly change: (current: D | undefined, log: ChangeLog) => Draft<D>;
}

export interface RangeQuery {
  /** Exclusive bounds of the field's value. */
  readonly after?: string;
  readonly before?: string;
  readonly limit: number;
  readonly descending?: boolean;
}

/** One collection of documents. What it answers is frozen; what it has answered is on disk. */
export interface Documents<D extends Stored> {
  /** The document as it stands now; removed ones are undefined. */
  get(id: string): Promise<D | undefined>;
  /** As `get`, by an indexed field. */
  getBy(field: string, value: string): Promise<D | undefined>;
  /** `get` from memory where possible: exact when this process alone writes, else at most a second old. */
  hot(id: string): Promise<D | undefined>;
  /** `getBy` from memory where possible. */
  hotBy(field: string, value: string): Promise<D | undefined>;
  /** Documents whose field has one of the values, in no order. */
  find(field: string, values: readonly string[]): Promise<D[]>;
  /** Number of documents whose field has the value; of all documents when no field is named. */
  count(field?: string, value?: string): Promise<number>;
  /** A page in the order of an indexed field, or of `id`, which is the order of creation. */
  range(field: string, query: RangeQuery): Promise<D[]>;
  /** A page in the order of (updatedAt, id), with tombstones. */
  changed(after: { updatedAt: string; id: string } | undefined, limit: number): Promise<(D | Tombstone)[]>;
  /** Ids of what was changed or removed since a time in ISO 8601, at most so many of them, in no order. */
  changedSince(time: string, most: number): Promise<string[]>;
  /** All documents by id, a page at a time. */
  iterate(size?: number): AsyncIterable<readonly D[]>;
  insert(draft: Draft<D>, log?: (log: ChangeLog) => void, once?: Once): Promise<D>;
  /** One conditional write: 404 when there is no document, 412 `VERSION_MISMATCH` when `expected` is not its version. */
  update(id: string, expected: number | undefined, change: Change<D>, once?: Once): Promise<D>;
  /** Leaves a tombstone, which keeps the pending events. */
  remove(id: string, expected: number | undefined, log?: (current: D, log: ChangeLog) => void): Promise<void>;
  /** Writes many at once (about 1,000 a call); a refused item does not fail its neighbours. */
  upsertMany(items: readonly UpsertItem<D>[]): Promise<({ ok: D } | { error: Error })[]>;
  /** Drops hot copies that another process changed. */
  forget(ids: readonly string[]): void;
  /** Runs `write` once for a request's `Idempotency-Key`; plain `write` when the request has none. */
  once(
    ctx: { meta: Meta; params: unknown; action?: unknown },
    write: (once: Once | undefined) => Promise<D>,
  ): Promise<D>;
}

/** `this` of an actor that lives in documents; `C` maps its collections to their documents. */
export interface DocumentActor<C extends Record<string, Stored>> extends Actor {
  documents: { readonly [K in keyof C]: Documents<C[K]> };
}

/** One durable event that waits inside its document. */
export interface PendingEvent {
  id: string;
  type: string;
  version: number;
  at: string;
  payload: unknown;
  /** Subscribers that have not answered yet. */
  to: string[];
  attempts: number;
  /** Milliseconds since 1970 of the next try. */
  due: number;
  parked?: boolean;
  error?: string;
  /** `traceparent` of the change. */
  trace?: string;
}

/** A document as the adapters keep it: `_` fields are the store's own. */
export interface Kept extends Record<string, unknown> {
  _id: string;
  version: number;
  createdAt: string;
  updatedAt: string;
  /** `updatedAt|id`: the order of changes, unique. */
  _at: string;
  _removed?: true;
  _events?: PendingEvent[];
  /** Earliest `due` of the events; absent when none waits. */
  _due?: number;
  /** Present while an event is parked. */
  _parked?: true;
  /** Idempotency keys of the last 24 hours with the answers they got. */
  _keys?: { key: string; hash: string; at: number; answer: string }[];
  /** The keys of `_keys`. */
  _keyed?: string[];
}

export type Query = Record<string, unknown>;

/** What the store needs of a moleculer-db adapter beyond its reads and writes. */
export interface DocumentAdapter {
  /** True when no other process writes here. */
  readonly exclusive: boolean;
  init(broker: unknown, service: unknown): void;
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  index(field: string, options: { unique: boolean }): Promise<void>;
  findOne(query: Query): Promise<Kept | null>;
  find(filters: { query: Query; limit?: number }): Promise<Kept[]>;
  count(filters: { query: Query }): Promise<number>;
  range(field: string, query: RangeQuery, keep: { removed: boolean }): Promise<Kept[]>;
  /** Versions of what was changed or removed since that time (ISO 8601); for databases to which other processes write. */
  changes?(since: string, limit: number): Promise<Map<string, number>>;
  insert(document: Kept): Promise<unknown>;
  /** Changes the one document that matches, atomically; false when none does. */
  change(query: Query, update: Query): Promise<boolean>;
  /** The field whose unique index refused `document`; undefined when the error is another one. */
  duplicate(error: unknown, document: Query): string | undefined;
}
