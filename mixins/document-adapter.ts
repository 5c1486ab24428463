import { createRequire } from "node:module";
import type * as mongo from "./document-mongo.ts";
import { NedbAdapter } from "./document-nedb.ts";
import { traceAdapter } from "./document-traced.ts";
import type { DocumentAdapter } from "./document-types.ts";
import type { Actor } from "./sql.types.ts";

/** The driver is loaded where it is used: it would be a tenth of the time of every start. */
function mongoAdapter(url: string, collection: string): DocumentAdapter {
  const { MongoAdapter } = createRequire(import.meta.url)("./document-mongo.ts") as typeof mongo;
  return new MongoAdapter(url, collection);
}

/** The database that the configuration names for this collection; its work is seen in traces. */
export function adapterFor(self: Actor, collection: string): DocumentAdapter {
  const url = self.config.databaseUrls[self.name];
  const file = collection === self.name ? collection : `${self.name}.${collection}`;
  const adapter =
    url === undefined ? new NedbAdapter(self.config.dataDir, file) : mongoAdapter(url, collection);
  return traceAdapter(adapter, self.name, collection);
}
