import { AsyncLocalStorage } from "node:async_hooks";
import type { Span } from "./span.ts";

const storage = new AsyncLocalStorage<Span | undefined>();

/** The span that the running code works for; undefined outside of any, and where tracing is off. */
export const currentSpan = (): Span | undefined => storage.getStore();

export const runIn = <R, A extends unknown[]>(span: Span, work: (...args: A) => R, ...args: A): R =>
  storage.run(span, work, ...args);

/** For work that goes on after whoever caused it, such as a relay that one request woke and many use. */
export const runOutside = <R>(work: () => R): R => storage.run(undefined, work);

/** Runs a piece of work in a span of its own below the current one; without one, just runs it. */
export function traced<R>(make: (parent: Span) => Span, work: () => Promise<R>): Promise<R> {
  const parent = storage.getStore();
  if (parent === undefined) return work();
  const span = make(parent);
  return work().then(
    (result) => {
      span.end();
      return result;
    },
    (error: unknown) => {
      span.end(error);
      throw error;
    },
  );
}
