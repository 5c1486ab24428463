import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBroker, type ServiceSchema } from "moleculer";
import { MongoClient } from "mongodb";
import { brokerOptions, environment, loadConfig } from "../../../moleculer.config.ts";
import type { Meta } from "../../../contract/meta.ts";
import { documentStore } from "../../../mixins/document-store.ts";
import type { DocumentActor, Draft, Stored } from "../../../mixins/document-types.ts";

/** A small catalogue entry for trials of the store itself. */
export interface Book extends Stored {
  slug: string;
  name: string;
  categories: string[];
  variants: { sku: string; price: number }[];
}
export type Shelf = DocumentActor<{ products: Book; reviews: Stored & { productId: string } }>;

const indexes = {
  slug: { unique: "SLUG_TAKEN" },
  "variants.sku": { unique: "SKU_TAKEN" },
  categories: {},
};

export const newFolder = (): string => mkdtempSync(join(tmpdir(), "valence-documents-"));

/** The server that the specs run on a second time; undefined when there is none. */
export const mongoUrl = environment()["MONGO_URL"];

/** An empty database of its own on that server. */
export async function newDatabase(): Promise<string> {
  const url = new URL(mongoUrl ?? "");
  url.pathname = `/valence_${process.pid}_${Math.round(performance.now() * 1000)}`;
  const client = new MongoClient(url.href);
  await client.db().dropDatabase();
  await client.close();
  return url.href;
}

export interface Started {
  broker: ServiceBroker;
  shelf: Shelf;
  /** Moves the clock of the actors forward. */
  advance(ms: number): void;
  changed: [string, readonly string[]][];
}

interface Options {
  dataDir: string;
  url?: string | undefined;
  /** Stands for the actor of the same name. */
  others?: ServiceSchema[];
}

/** An actor named `products` with two collections, in a broker with the real preset. */
export async function startShelf({ dataDir, url, others = [] }: Options): Promise<Started> {
  let ahead = 0;
  const clock = { now: () => Date.now() + ahead };
  const env = { DATA_DIR: dataDir, LOGLEVEL: "off", ...(url !== undefined && { PRODUCTS_DB_URL: url }) };
  const broker = new ServiceBroker(brokerOptions(loadConfig(env), clock));
  const changed: Started["changed"] = [];
  const store = documentStore<{ products: Book; reviews: Stored & { productId: string } }>({
    collections: {
      products: { entity: "product", indexes },
      reviews: { entity: "review", indexes: { productId: {} } },
    },
    changed: (collection, ids) => void changed.push([collection, ids]),
  });
  const service = broker.createService({ name: "products", mixins: [store] } as ServiceSchema);
  others.forEach((other) => broker.createService(other));
  await broker.start();
  const advance = (ms: number): void => void (ahead += ms);
  return { broker, shelf: service as unknown as Shelf, advance, changed };
}

export const aBook = (shelf: Shelf, name: string, more: Partial<Draft<Book>> = {}): Draft<Book> => ({
  id: shelf.newId(),
  slug: name,
  name,
  categories: ["books"],
  variants: [{ sku: `${name}-1`, price: 100 }],
  ...more,
});

export const aRequest = (meta: Meta, params: unknown = {}) => ({
  meta,
  params,
  action: { name: "products.create" },
});

/** The error of a call that must fail. */
export async function failure(call: Promise<unknown>): Promise<Error & { type?: string; code?: number }> {
  try {
    await call;
  } catch (error) {
    return error as Error;
  }
  throw new Error("the call did not fail");
}

/** Polls until `check` answers something other than false or undefined. */
export async function until<T>(check: () => Promise<T> | T, limit = 5000): Promise<T> {
  const deadline = Date.now() + limit;
  for (;;) {
    const value = await check();
    if (value !== false && value !== undefined) return value;
    if (Date.now() > deadline) throw new Error("it did not happen in time");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const places: { name: string; place: () => Promise<Options> }[] = [
  { name: "NeDB", place: async () => ({ dataDir: newFolder() }) },
];
if (mongoUrl === undefined)
  console.warn("    MONGO_URL is not set: the document store is tried on NeDB only.");
else
  places.push({ name: "MongoDB", place: async () => ({ dataDir: newFolder(), url: await newDatabase() }) });

/** Each place that documents may live in. */
export const eachPlace = (specs: (place: () => Promise<Options>) => void): void => {
  for (const { name, place } of places) describe(name, () => specs(place));
};
