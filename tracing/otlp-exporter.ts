import { BatchingExporter } from "./batching-exporter.ts";
import type { Span, SpanKind } from "./span.ts";

/** Milliseconds that a collector may take. */
const patience = 5000;
/** OpenTelemetry's numbers of span kinds: internal, server, client, producer, consumer. */
const kinds: Readonly<Record<SpanKind, number>> = {
  request: 2,
  action: 1,
  call: 3,
  sql: 3,
  outbox: 4,
  inbox: 5,
  webhook: 3,
};

type Value = { stringValue: string } | { doubleValue: number } | { boolValue: boolean };
const valueOf = (value: unknown): Value =>
  typeof value === "number"
    ? { doubleValue: value }
    : typeof value === "boolean"
      ? { boolValue: value }
      : { stringValue: String(value) };
const attributesOf = (tags: object) =>
  Object.entries(tags).map(([key, value]) => ({ key, value: valueOf(value) }));

/** OTLP's nanoseconds are text: a double has no room for them. */
const nanoseconds = (ms: number): string => `${Math.round(ms * 1000)}000`;

function spanOf(span: Span) {
  const { error } = span;
  return {
    traceId: span.traceID,
    spanId: span.id,
    ...(span.parentID !== undefined && { parentSpanId: span.parentID }),
    name: span.name,
    kind: kinds[span.type],
    startTimeUnixNano: nanoseconds(span.startTime),
    endTimeUnixNano: nanoseconds(span.finishTime),
    attributes: attributesOf({
      ...span.tags,
      "valence.request_id": span.trace.requestID,
      ...(error && { "error.type": error.type }),
    }),
    // What was refused on purpose is no fault.
    status: error && error.code >= 500 ? { code: 2, message: error.type } : {},
  };
}

/** The body of an OTLP/HTTP export: the spans by actor, each actor a service. */
export function otlpBody(spans: readonly Span[], node: string): object {
  const resourceSpans = [...Map.groupBy(spans, ({ actor }) => actor)].map(([actor, own]) => ({
    resource: {
      attributes: attributesOf({
        "service.namespace": "valence",
        "service.name": `valence.${actor}`,
        "service.instance.id": node,
      }),
    },
    scopeSpans: [{ scope: { name: "valence" }, spans: own.map(spanOf) }],
  }));
  return { resourceSpans };
}

/** Sends spans to an OpenTelemetry collector (OTLP over HTTP, JSON). */
export class OtlpExporter extends BatchingExporter {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(endpoint: string, headers: Readonly<Record<string, string>>) {
    super(2000);
    this.#url = `${endpoint}/v1/traces`;
    this.#headers = headers;
  }

  override async send(spans: readonly Span[]): Promise<void> {
    const response = await fetch(this.#url, {
      method: "POST",
      headers: { ...this.#headers, "content-type": "application/json" },
      body: JSON.stringify(otlpBody(spans, this.broker.nodeID)),
      signal: AbortSignal.timeout(patience),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the collector answered ${response.status}`);
  }
}
