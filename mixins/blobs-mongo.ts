import { Binary, MongoClient } from "mongodb";
import type { Blobs } from "./blobs.ts";
import { durable, reached } from "./document-mongo.ts";

interface Blob {
  _id: string;
  bytes: Binary;
}

/** Each blob one document; MongoDB takes at most 16 MiB of it. */
export async function mongoBlobs(url: string, name: string): Promise<Blobs> {
  const client = new MongoClient(url, durable);
  await client.connect();
  const blobs = client.db().collection<Blob>(name);
  return {
    async put(_id, bytes) {
      const first = { $setOnInsert: { bytes: new Binary(bytes) } };
      await reached(blobs.updateOne({ _id }, first, { upsert: true }));
    },
    async get(_id) {
      return (await reached(blobs.findOne({ _id })))?.bytes.value();
    },
    async remove(_id) {
      await reached(blobs.deleteOne({ _id }));
    },
    close: () => client.close(),
  };
}
