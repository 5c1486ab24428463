import type { Span } from "./span.ts";

/** Why a trace is kept. */
export type Reason = "error" | "refused" | "slow" | "sampled";

/** Spans that one node holds of a trace before anybody wants them; a request that asks for more is cut off. */
const most = 250;

/** What one node saw of a trace. Its spans are let go together, unless somebody decides that it is kept. */
export class Trace {
  readonly id: string;
  readonly requestID: string;
  readonly #emit: (span: Span) => void;
  readonly #began = performance.now();
  #spans: Span[] = [];
  readonly #open: Span[] = [];
  kept: Reason | undefined;
  /** Spans that were not held because there were too many. */
  dropped = 0;

  constructor(id: string, requestID: string, emit: (span: Span) => void) {
    this.id = id;
    this.requestID = requestID;
    this.#emit = emit;
  }

  /** Milliseconds since 1970, finer than the clock's. */
  get began(): number {
    return performance.timeOrigin + this.#began;
  }

  /** Whole microseconds since it began here. */
  elapsed(): number {
    return Math.round((performance.now() - this.#began) * 1000);
  }

  add(span: Span): void {
    if (this.kept !== undefined) this.#emit(span);
    else if (this.#spans.length < most) this.#spans.push(span);
    else this.dropped += 1;
  }

  /** Notes an action that runs, so that what its actor does meanwhile can be told to be its work. */
  enter(span: Span): void {
    this.#open.push(span);
  }

  /** What was never entered is left in vain. */
  leave(span: Span): void {
    const open = this.#open;
    if (open.at(-1) === span) open.pop();
    else if (open.includes(span)) open.splice(open.indexOf(span), 1);
  }

  /** The action of this actor that began last and still runs, else whatever runs. */
  openOf(actor?: string): Span | undefined {
    const open = this.#open;
    for (let at = open.length - 1; at >= 0; at--)
      if (actor === undefined || open[at]?.actor === actor) return open[at];
    return open.at(-1);
  }

  /** From now on every span is shown, also those that ended before. */
  keep(reason: Reason): void {
    if (this.kept !== undefined) return;
    this.kept = reason;
    const spans = this.#spans;
    this.#spans = [];
    for (const span of spans) this.#emit(span);
  }
}
