import { MongoClient, type Collection } from "mongodb";
import MongoDbAdapter from "moleculer-db-adapter-mongo";
import { storeError } from "./store-errors.ts";
import type { DocumentAdapter, Kept, Query, RangeQuery } from "./document-types.ts";

const DUPLICATE_KEY = 11000;

/** An acknowledged write is in the journals of a majority; reads see such writes only. */
export const durable = {
  writeConcern: { w: "majority", journal: true },
  readConcern: { level: "majority" },
  readPreference: "primary",
  retryWrites: true,
  retryReads: true,
  ignoreUndefined: true,
  serverSelectionTimeoutMS: 5000,
} as const;

/** Kinds of the driver's errors after which the database may be there again in a moment. */
const outages =
  /^Mongo(Network|NetworkTimeout|ServerSelection|NotConnected|TopologyClosed|PoolCleared|WriteConcern)/;

/** An outage as a retryable 503 that tells nothing of the database; other errors as they are. */
export async function reached<R>(work: Promise<R>): Promise<R> {
  try {
    return await work;
  } catch (error) {
    throw outages.test((error as Error).name) ? storeError("STORE_UNAVAILABLE", error) : error;
  }
}

/** moleculer-db's MongoDB adapter on the 6.x driver, whose answers differ from the 3.x driver that it was written for. */
export class MongoAdapter extends MongoDbAdapter implements DocumentAdapter {
  readonly exclusive = false;
  readonly #url: string;
  readonly #name: string;
  #client: MongoClient | undefined;
  #documents: Collection<Kept> | undefined;

  constructor(url: string, name: string) {
    super(url);
    this.#url = url;
    this.#name = name;
  }

  override async connect(): Promise<void> {
    const client = new MongoClient(this.#url, durable);
    await client.connect();
    this.#client = client;
    this.#documents = client.db().collection<Kept>(this.#name);
  }

  get #collection(): Collection<Kept> {
    if (!this.#documents) throw storeError("STORE_UNAVAILABLE");
    return this.#documents;
  }

  override async disconnect(): Promise<void> {
    await this.#client?.close();
    this.#client = undefined;
  }

  async index(field: string, { unique }: { unique: boolean }): Promise<void> {
    await this.#collection.createIndex({ [field]: 1 }, { unique, sparse: true });
  }

  override async findOne<T extends object = Kept>(query: Query): Promise<T> {
    return (await reached(this.#collection.findOne(query))) as unknown as T;
  }

  override async find<T extends object = Kept>({
    query = {},
    limit = 0,
  }: {
    query?: Query;
    limit?: number;
  }): Promise<T[]> {
    return (await reached(this.#collection.find(query).limit(limit).toArray())) as unknown as T[];
  }

  override count({ query = {} }: { query?: Query } = {}): Promise<number> {
    return reached(this.#collection.countDocuments(query));
  }

  range(
    field: string,
    { after, before, limit, descending }: RangeQuery,
    keep: { removed: boolean },
  ): Promise<Kept[]> {
    const name = field === "id" ? "_id" : field;
    const bounds = {
      $exists: true,
      ...(after === undefined ? {} : { $gt: after }),
      ...(before === undefined ? {} : { $lt: before }),
    };
    const found = this.#collection
      .find({ [name]: bounds, ...(keep.removed ? {} : { _removed: { $exists: false } }) } as Query)
      .sort({ [name]: descending === true ? -1 : 1 })
      .limit(limit)
      .toArray();
    return reached(found);
  }

  async changes(since: string, limit: number): Promise<Map<string, number>> {
    const found = this.#collection
      .find({ _at: { $gte: since } } as Query, { projection: { version: 1 } })
      .limit(limit)
      .toArray();
    return new Map((await reached(found)).map(({ _id, version }) => [_id, version]));
  }

  override async insert<T extends object = Kept>(document: object): Promise<T> {
    await reached(this.#collection.insertOne(document as Kept));
    return document as T;
  }

  async change(query: Query, update: Query): Promise<boolean> {
    return (await reached(this.#collection.updateOne(query, update))).matchedCount === 1;
  }

  duplicate(error: unknown): string | undefined {
    const { code, keyPattern, message } = error as { code?: number; keyPattern?: object; message?: string };
    if (code !== DUPLICATE_KEY) return undefined;
    return Object.keys(keyPattern ?? {})[0] ?? /index: (\S+?)_1\b/.exec(message ?? "")?.[1] ?? "_id";
  }
}
