import { traced } from "../tracing/current.ts";
import type { DocumentAdapter } from "./document-types.ts";

type Work = (...args: never[]) => Promise<unknown>;

/** Shows an adapter's reads and writes as spans of the call that asks, by name alone; queries may hold anything. */
export function traceAdapter<A extends DocumentAdapter>(adapter: A, actor: string, collection: string): A {
  for (const name of ["findOne", "find", "count", "range", "insert", "change"] as const) {
    const work: Work = adapter[name].bind(adapter);
    const asked = `${collection}.${name}`;
    const inSpan: Work = (...args) => traced(actor, asked, () => work(...args));
    Object.defineProperty(adapter, name, { value: inSpan });
  }
  return adapter;
}
