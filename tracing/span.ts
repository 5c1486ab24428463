import { statusOf } from "../contract/errors.ts";
import { formatTraceParent, nextSpanNumber, spanIdOf } from "./ids.ts";
import type { Trace } from "./trace.ts";

export type SpanKind = "request" | "action" | "call" | "sql" | "outbox" | "inbox" | "webhook";
/** Names and numbers only: whatever a person typed has no place in a span. */
export type Tags = Record<string, string | number | boolean>;

/** Text, or the fixed parts of an SQL statement, which become text only where somebody reads it. */
export type SpanName = string | readonly string[];

const longest = 300;
/** A statement without its values, which may be anybody's. */
const statementOf = (parts: readonly string[]): string =>
  parts.join("?").replaceAll(/\s+/g, " ").trim().slice(0, longest);

/** What went wrong, without the message: it may quote what somebody typed. */
export interface SpanError {
  readonly type: string;
  readonly code: number;
}

/** One piece of work in a trace. Its fields are those of Moleculer's spans, so that Moleculer's exporters take it. */
export class Span {
  readonly trace: Trace;
  #name: SpanName;
  readonly type: SpanKind;
  readonly parent: Span | string | undefined;
  /** Made when there is something to note; spans may share it. */
  tags: Tags | undefined;
  readonly actor: string;
  /** Whole microseconds since the trace began here: small numbers need no room of their own, and an order has thirty spans. */
  readonly #start: number;
  #finish: number;
  error: SpanError | null = null;
  readonly #number = nextSpanNumber();

  constructor(
    trace: Trace,
    type: SpanKind,
    name: SpanName,
    actor: string,
    parent: Span | string | undefined,
    tags?: Tags,
  ) {
    this.trace = trace;
    this.type = type;
    this.#name = name;
    this.actor = actor;
    this.parent = parent;
    this.tags = tags;
    this.#start = trace.elapsed();
    this.#finish = this.#start;
  }

  get name(): string {
    if (typeof this.#name !== "string") this.#name = statementOf(this.#name);
    return this.#name;
  }
  /** A request learns its route on the way. */
  set name(name: string) {
    this.#name = name;
  }
  get id(): string {
    return spanIdOf(this.#number);
  }
  get traceID(): string {
    return this.trace.id;
  }
  get parentID(): string | undefined {
    return typeof this.parent === "object" ? this.parent.id : this.parent;
  }
  /** Milliseconds since 1970, finer than the clock's. */
  get startTime(): number {
    return this.trace.began + this.#start / 1000;
  }
  get finishTime(): number {
    return this.trace.began + this.#finish / 1000;
  }
  /** Milliseconds. */
  get duration(): number {
    return (this.#finish - this.#start) / 1000;
  }
  get service(): { name: string; fullName: string } {
    return { name: this.actor, fullName: this.actor };
  }

  /** The `traceparent` of work that this span asks for. */
  get traceparent(): string {
    return formatTraceParent({
      traceID: this.trace.id,
      spanID: this.id,
      sampled: this.trace.kept !== undefined,
    });
  }

  /** A piece of work inside this one. */
  child(type: SpanKind, name: SpanName, actor = this.actor, tags?: Tags): Span {
    return new Span(this.trace, type, name, actor, this, tags);
  }

  note(tag: string, value: string | number): void {
    this.tags = { ...this.tags, [tag]: value };
  }

  fail(error: unknown): void {
    const { type, name } = (error ?? {}) as { type?: unknown; name?: unknown };
    const word = typeof type === "string" ? type : typeof name === "string" ? name : "Error";
    this.error = { type: word.slice(0, 80), code: statusOf(error) };
  }

  end(error?: unknown): void {
    this.#finish = this.trace.elapsed();
    this.trace.leave(this);
    if (error !== undefined) this.fail(error);
    this.trace.add(this);
  }
}

/** Ends a span with the work that it stands for. */
export async function ended<R>(span: Span, work: Promise<R>): Promise<R> {
  try {
    const result = await work;
    span.end();
    return result;
  } catch (error) {
    span.end(error);
    throw error;
  }
}
