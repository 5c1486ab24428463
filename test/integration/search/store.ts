import { eventually } from "../../helpers/eventually.ts";
import { startStore, type TestStore } from "../../helpers/store.ts";
import type { Sources } from "./sources.ts";

/** A search actor on the given sources, its first index built. */
export async function startSearch(sources: Sources): Promise<TestStore> {
  const store = await startStore({ services: ["search"], extra: sources.services });
  sources.broker = store.broker;
  await eventually(async () => (await store.call("search.status", {})).ready);
  return store;
}
