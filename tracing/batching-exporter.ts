import { TracerExporters } from "moleculer";
import type { Span as MoleculerSpan, Tracer } from "moleculer";
import type { Span } from "./span.ts";

/** Spans that wait at most; with more, the newest are dropped: a trace is never worth a request. */
const most = 5000;

/** Gathers finished spans and sends them together from time to time, never on anybody's way. */
export abstract class BatchingExporter extends TracerExporters.Base {
  readonly #every: number;
  #waiting: Span[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> = Promise.resolve();

  /** @param every milliseconds between two sends */
  constructor(every: number) {
    super({});
    this.#every = every;
  }

  abstract send(spans: readonly Span[]): Promise<void>;

  override init(tracer: Tracer): void {
    super.init(tracer);
    this.#timer = setInterval(() => void this.flush(), this.#every).unref();
  }

  override spanFinished(span: MoleculerSpan): void {
    if (this.#waiting.length < most) this.#waiting.push(span as unknown as Span);
  }

  /** What cannot be sent is lost, and the log says so at `debug`. */
  flush(): Promise<void> {
    const spans = this.#waiting;
    if (spans.length === 0) return this.#sending;
    this.#waiting = [];
    this.#sending = this.#sending
      .then(() => this.send(spans))
      .catch((error: unknown) =>
        this.logger.debug(`${spans.length} spans were not taken: ${(error as Error).message}`),
      );
    return this.#sending;
  }

  override stop(): void {
    clearInterval(this.#timer);
    void this.flush();
  }
}
