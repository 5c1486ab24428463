import { hash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { MongoClient, type Binary } from "mongodb";
import { mongoBlobs } from "../../mixins/blobs-mongo.ts";
import { durable } from "../../mixins/document-mongo.ts";
import { Checksum } from "./checksum.ts";
import type { Moved, Tell } from "./tables.ts";

interface Row {
  name: string;
  bytes: Uint8Array;
}

/** Stands for a blob in the sum of all. */
const digest = ({ name, bytes }: Row) => ({ name, sha256: hash("sha256", bytes, "hex") });

/** Copies the blobs of one SQLite file to MongoDB, one at a time; what is there already stays, so it may be repeated. */
export async function moveBlobs(file: string, name: string, url: string, tell: Tell): Promise<Moved> {
  const source = new DatabaseSync(file, { readOnly: true });
  const blobs = await mongoBlobs(url, name);
  const client = new MongoClient(url, durable);
  try {
    const { total } = source.prepare("select count(*) as total from blobs").get() as { total: number };
    const from = new Checksum();
    let done = 0;
    for (const row of source.prepare("select name, bytes from blobs").iterate() as Iterable<unknown>) {
      const { name: key, bytes } = row as Row;
      await blobs.put(key, bytes);
      from.add(digest({ name: key, bytes }));
      tell(name, ++done, total);
    }
    const to = new Checksum();
    for await (const { _id, bytes } of client.db().collection<{ _id: string; bytes: Binary }>(name).find())
      to.add(digest({ name: _id, bytes: bytes.value() }));
    return { what: name, from: from.value, to: to.value };
  } finally {
    source.close();
    await Promise.all([blobs.close(), client.close()]);
  }
}
