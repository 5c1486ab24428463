import type { ServiceBroker } from "moleculer";
import type { TraceBook } from "./book.ts";

const books = new WeakMap<object, TraceBook>();

export const setTraces = (broker: ServiceBroker, book: TraceBook): void => void books.set(broker, book);

/** The traces of this node; undefined where tracing is off. */
export const tracesOf = (broker: ServiceBroker): TraceBook | undefined => books.get(broker);
