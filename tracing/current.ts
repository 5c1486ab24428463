import { AsyncLocalStorage } from "node:async_hooks";
import { ended, type Span, type SpanName } from "./span.ts";
import type { Trace } from "./trace.ts";

/**
 * The trace that the running code works for. It is entered once on each node that a request reaches, not once a span: each
 * entry makes a new frame for everything that is awaited below, which cost more than all the rest of a span.
 */
const storage = new AsyncLocalStorage<Trace | undefined>();

/** The action that the running code works for; undefined outside of any, and where tracing is off. */
export const currentSpan = (actor?: string): Span | undefined => storage.getStore()?.openOf(actor);

/** Runs what a request causes here. */
export function runIn<R, A extends unknown[]>(
  span: Span,
  work: (...args: A) => Promise<R>,
  ...args: A
): Promise<R> {
  return storage.run(span.trace, work, ...args);
}

/** For work that goes on after whoever caused it, such as a relay that one request woke and many use. */
export const runOutside = <R>(work: () => R): R => storage.run(undefined, work);

/** Runs what a store does in a span of its own below the current one; without one, just runs it. */
export function traced<R>(actor: string, name: SpanName, work: () => Promise<R>): Promise<R> {
  const span = currentSpan(actor)?.child("sql", name);
  return span === undefined ? work() : ended(span, work());
}
