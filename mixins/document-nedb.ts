import { join } from "node:path";
import Nedb from "@seald-io/nedb";
import DbService from "moleculer-db";
import { readLines, type Loaded } from "./document-load.ts";
import { ordered, type Tree } from "./document-range.ts";
import { dropTornTail } from "./document-recovery.ts";
import { Journal } from "./document-journal.ts";
import type { DocumentAdapter, Kept, Query, RangeQuery } from "./document-types.ts";

/** The file is compacted while running once it has grown by this many characters and to three times its size. */
const GROWTH = 64 << 20;

interface Index {
  fieldName: string;
  unique: boolean;
  sparse: boolean;
  tree: { tree: Tree<Kept> };
  getMatching(value: unknown): Kept[];
}

/** What is used of NeDB; its own types describe it as an ES module, which it is not. */
interface Datastore {
  readonly filename: string;
  readonly persistence: {
    persistNewStateAsync(documents: Kept[]): Promise<void>;
    persistCachedDatabaseAsync(): Promise<void>;
    treatRawStreamAsync(stream: AsyncIterable<string>): Promise<Loaded>;
  };
  readonly indexes: Record<string, Index>;
  getAllData(): Kept[];
  compactDatafileAsync(): Promise<void>;
  insertAsync(document: Kept): Promise<Kept>;
  updateAsync(query: Query, update: Query, options: object): Promise<{ numAffected: number }>;
  removeAsync(query: Query, options: object): Promise<number>;
  ensureIndexAsync(options: { fieldName: string; unique: boolean; sparse: boolean }): Promise<void>;
  removeIndexAsync(fieldName: string): Promise<void>;
  countAsync(query: Query): PromiseLike<number>;
}
const Datastore = Nedb as unknown as new (options: object) => Datastore;

/**
 * NeDB whose writes are on disk before they are answered. NeDB itself appends without fsync; here its appends go
 * to a journal inside its queue, and each write waits for the journal outside of it, so that waiting writes share one fsync.
 */
class DurableNedb extends Datastore {
  readonly journal: Journal;

  constructor(filename: string) {
    super({ filename, testSerializationHooks: false });
    this.journal = new Journal(filename);
    this.persistence.persistNewStateAsync = async (documents) => {
      if (documents.length > 0) this.journal.append(documents.map((d) => `${JSON.stringify(d)}\n`).join(""));
    };
    this.persistence.treatRawStreamAsync = readLines;
    this.persistence.persistCachedDatabaseAsync = () => this.journal.rewrite(this.#lines());
  }

  *#lines(): Generator<string> {
    for (const document of this.getAllData()) yield JSON.stringify(document);
    for (const { fieldName, unique, sparse } of Object.values(this.indexes))
      if (fieldName !== "_id") yield JSON.stringify({ $$indexCreated: { fieldName, unique, sparse } });
  }

  async #durable<R>(write: Promise<R>): Promise<R> {
    const result = await write;
    await this.journal.flushed();
    const { appended, compacted } = this.journal;
    if (appended > GROWTH && appended > 2 * compacted) {
      this.journal.appended = 0;
      // A failure leaves the longer file, which is as good; the next growth tries again.
      void this.compactDatafileAsync().catch(() => undefined);
    }
    return result;
  }

  override insertAsync(document: Kept): Promise<Kept> {
    return this.#durable(super.insertAsync(document));
  }

  override updateAsync(query: Query, update: Query, options: object): Promise<{ numAffected: number }> {
    return this.#durable(super.updateAsync(query, update, options));
  }

  override removeAsync(query: Query, options: object): Promise<number> {
    return this.#durable(super.removeAsync(query, options));
  }

  override ensureIndexAsync(options: Parameters<Datastore["ensureIndexAsync"]>[0]): Promise<void> {
    return this.#durable(super.ensureIndexAsync(options));
  }
}

/** moleculer-db's NeDB adapter on one durable file. Reads wait for what they have seen to be on disk. */
export class NedbAdapter extends DbService.MemoryAdapter implements DocumentAdapter {
  readonly exclusive = true;
  readonly #store: DurableNedb;
  #unique: string[] = [];

  constructor(folder: string, name: string) {
    const store = new DurableNedb(join(folder, `${name}.db`));
    super(store);
    this.#store = store;
  }

  override async connect(): Promise<void> {
    const lost = await dropTornTail(this.#store.filename);
    const logger = (this as unknown as { service: { logger: Console } }).service.logger;
    if (lost > 0)
      logger.warn(`${this.#store.filename}: dropped ${lost} bytes of writes that were never acknowledged.`);
    await super.connect();
  }

  override async disconnect(): Promise<void> {
    await this.#store.journal.close();
  }

  async index(field: string, { unique }: { unique: boolean }): Promise<void> {
    if (unique) this.#unique.push(field);
    const existing = this.#store.indexes[field];
    if (existing && existing.unique !== unique) await this.#store.removeIndexAsync(field);
    await this.#store.ensureIndexAsync({ fieldName: field, unique, sparse: true });
  }

  override async findOne<T extends object = Kept>(query: Query): Promise<T> {
    return this.#settled((await super.findOne(query)) as T);
  }

  override async find<T extends object = Kept>(filters: object): Promise<T[]> {
    return this.#settled((await super.find(filters)) as T[]);
  }

  /** NeDB's own count; the adapter's copies every document. */
  override async count(filters: { query?: Query } = {}): Promise<number> {
    return this.#settled(await this.#store.countAsync(filters.query ?? {}));
  }

  async change(query: Query, update: Query): Promise<boolean> {
    return (await this.#store.updateAsync(query, update, {})).numAffected === 1;
  }

  range(field: string, query: RangeQuery, keep: { removed: boolean }): Promise<Kept[]> {
    const found: Kept[] = [];
    for (const document of ordered(this.#store.indexes[field === "id" ? "_id" : field]?.tree.tree, query)) {
      if (document._removed && !keep.removed) continue;
      found.push(document);
      if (found.length === query.limit) break;
    }
    return this.#settled(found);
  }

  duplicate(error: unknown, document: Query): string | undefined {
    const { errorType, key } = error as { errorType?: string; key?: unknown };
    if (errorType !== "uniqueViolated") return undefined;
    const { indexes } = this.#store;
    const taken = (field: string): boolean =>
      indexes[field]?.getMatching(key).some((other) => other._id !== document["_id"]) === true;
    return this.#unique.find(taken) ?? "_id";
  }

  async #settled<R>(read: R): Promise<R> {
    await this.#store.journal.flushed();
    return read;
  }
}
