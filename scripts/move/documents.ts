import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { MongoClient } from "mongodb";
import { durable } from "../../mixins/document-mongo.ts";
import type { Kept } from "../../mixins/document-types.ts";
import { Checksum, type Sum } from "./checksum.ts";
import type { Moved, Tell } from "./tables.ts";

const batch = 500;

/** The last state of each document of a collection's file; a line is a whole document. */
async function documentsOf(file: string): Promise<Map<string, Kept>> {
  const documents = new Map<string, Kept>();
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    const start = line.indexOf("{");
    if (start < 0) continue;
    let document: Kept & { $$deleted?: boolean };
    try {
      document = JSON.parse(line.slice(start)) as Kept & { $$deleted?: boolean };
    } catch {
      // The frame of a write that nobody was told of.
      continue;
    }
    if (document._id === undefined) continue;
    if (document.$$deleted === true) documents.delete(document._id);
    else documents.set(document._id, document);
  }
  return documents;
}

const sumOf = (documents: Iterable<object>): Sum => {
  const sum = new Checksum();
  for (const document of documents) sum.add(document);
  return sum.value;
};

/** Copies one collection to MongoDB: a document that is there already is written again, so it may be repeated. */
export async function moveDocuments(
  file: string,
  collection: string,
  url: string,
  tell: Tell,
): Promise<Moved> {
  const documents = await documentsOf(file);
  const client = new MongoClient(url, durable);
  await client.connect();
  try {
    const target = client.db().collection<Kept>(collection);
    const all = [...documents.values()];
    for (let from = 0; from < all.length; from += batch) {
      const part = all.slice(from, from + batch);
      await target.bulkWrite(
        part.map((document) => ({
          replaceOne: { filter: { _id: document._id }, replacement: document, upsert: true },
        })),
        { ordered: false },
      );
      tell(collection, Math.min(from + batch, all.length), all.length);
    }
    const there = new Checksum();
    for await (const document of target.find()) there.add(document);
    return { what: `products:${collection}`, from: sumOf(all), to: there.value };
  } finally {
    await client.close();
  }
}
