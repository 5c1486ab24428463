import {
  claimsSampled,
  formatTraceParent,
  parseTraceParent,
  traceIn,
  traceOfRequest,
  type TraceParent,
} from "./ids.ts";
import { Span, type SpanKind, type Tags } from "./span.ts";
import { Trace, type Reason } from "./trace.ts";

export interface BookOptions {
  /** Takes every span of a kept trace. */
  emit(span: Span): void;
  /** Tells other nodes that a trace is kept here. */
  tell(traceID: string): void;
  /** 0 to 1. */
  sample: number;
  slowMs: number;
  /** Traces whose spans are held at most: those that run, and in a cluster the last that ended. */
  held: number;
  /** Another node may still say that an ended trace is kept. */
  shared: boolean;
}

/** Kept traces that are remembered, for what happens to them later (events, webhooks). */
const remembered = 2000;
/** Refusals that are kept in a second at most: whoever knocks on every door must not push out what matters. */
const refusalsASecond = 20;

/** Every `1 / sample`-th is taken. */
function sampler(sample: number): () => boolean {
  let sum = 0;
  return () => {
    sum += sample;
    if (sum < 1) return false;
    sum -= 1;
    return true;
  };
}

function bucket(perSecond: number): () => boolean {
  let left = perSecond;
  let since = performance.now();
  return () => {
    const now = performance.now();
    left = Math.min(perSecond, left + ((now - since) / 1000) * perSecond);
    since = now;
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}

/** The traces that this node knows: those that run, the last that ended, and those that are kept. */
export class TraceBook {
  readonly #options: BookOptions;
  readonly #held = new Map<string, Trace>();
  readonly #kept = new Map<string, Trace>();
  readonly #sampled: () => boolean;
  readonly #mayRefuse = bucket(refusalsASecond);

  constructor(options: BookOptions) {
    this.#options = options;
    this.#sampled = sampler(options.sample);
  }

  /** The first span of a request on its way in; with a parent, one of somebody else's trace. */
  begin(
    type: SpanKind,
    name: string,
    actor: string,
    requestID: string,
    parent?: TraceParent,
    tags?: Tags,
  ): Span {
    const trace = this.#traceFor(parent?.traceID ?? traceOfRequest(requestID), requestID);
    if (trace.kept === undefined && this.#sampled()) this.#keep(trace, "sampled");
    return new Span(trace, type, name, actor, parent?.spanID, tags);
  }

  /** The part that another node asked for; its `traceparent` tells whether the trace is kept. */
  join(
    type: SpanKind,
    name: string,
    actor: string,
    requestID: string,
    header: unknown,
    tags?: Tags,
  ): Span | undefined {
    const parent = parseTraceParent(header);
    if (parent === undefined) return undefined;
    const trace = this.#traceFor(parent.traceID, requestID);
    if (parent.sampled) this.#keep(trace, "sampled");
    return new Span(trace, type, name, actor, parent.spanID, tags);
  }

  /** What happens to a trace after its request, such as the delivery of its events; undefined when nobody keeps it. */
  later(type: SpanKind, name: string, actor: string, header: unknown, tags?: Tags): Span | undefined {
    if (typeof header !== "string") return undefined;
    // Most events are those of traces that nobody kept: they are told by a look, ten times an order.
    const known = this.#known(traceIn(header));
    if (known === undefined && !claimsSampled(header)) return undefined;
    const parent = parseTraceParent(header);
    if (parent === undefined) return undefined;
    const trace = known ?? this.#traceFor(parent.traceID, "");
    if (parent.sampled) this.#keep(trace, "sampled");
    return new Span(trace, type, name, actor, parent.spanID, tags);
  }

  /** A span that must be shown although nobody kept its trace before, because it failed. */
  insist(type: SpanKind, name: string, actor: string, header: unknown): Span | undefined {
    const parent = parseTraceParent(header);
    return parent && this.later(type, name, actor, formatTraceParent({ ...parent, sampled: true }));
  }

  /** Work that nobody asked for, such as a timer's; kept when it fails or takes long. */
  background(type: SpanKind, name: string, actor: string, requestID: string): Span {
    return new Span(this.#traceFor(traceOfRequest(requestID), requestID), type, name, actor, undefined);
  }

  /** The request of this span has ended: keeps its trace when it failed or took long. */
  decide(span: Span, status: number): void {
    const { trace } = span;
    const reason = this.#reasonFor(span, status);
    if (trace.kept !== undefined) return;
    if (reason === undefined) {
      if (!this.#options.shared) this.#held.delete(trace.id);
      return;
    }
    this.#keep(trace, reason);
    this.#options.tell(trace.id);
  }

  /** Another node keeps this trace. */
  keep(traceID: string): void {
    const trace = this.#held.get(traceID);
    if (trace !== undefined) this.#keep(trace, "sampled");
  }

  #reasonFor(span: Span, status: number): Reason | undefined {
    if (status >= 500) return "error";
    if (span.duration >= this.#options.slowMs) return "slow";
    return status >= 400 && this.#mayRefuse() ? "refused" : undefined;
  }

  #known(id: string): Trace | undefined {
    return this.#held.get(id) ?? this.#kept.get(id);
  }

  #traceFor(id: string, requestID: string): Trace {
    const known = this.#known(id);
    if (known !== undefined) return known;
    const trace = new Trace(id, requestID, this.#options.emit);
    if (this.#held.size >= this.#options.held) forgetOldest(this.#held);
    this.#held.set(id, trace);
    return trace;
  }

  #keep(trace: Trace, reason: Reason): void {
    if (trace.kept !== undefined) return;
    this.#held.delete(trace.id);
    if (this.#kept.size >= remembered) forgetOldest(this.#kept);
    this.#kept.set(trace.id, trace);
    trace.keep(reason);
  }
}

const forgetOldest = (map: Map<string, Trace>): void => void map.delete(map.keys().next().value as string);
