import type { Delivery } from "../contract/actor-actions.ts";
import type { TraceBook } from "./book.ts";
import type { Span } from "./span.ts";

interface Receipt {
  done: readonly string[];
  failed: readonly { id: string; message: string }[];
}

const refused = { type: "EVENT_REFUSED" };

/** Makes the call that delivers durable events, with a span for each event whose trace is kept; one that fails is always kept. */
export async function deliverTraced<R extends Receipt>(
  traces: TraceBook | undefined,
  from: string,
  to: string,
  events: Delivery[],
  call: (events: Delivery[]) => Promise<R>,
): Promise<R> {
  if (traces === undefined) return call(events);
  const spans = new Map<string, Span>();
  const sent = events.map((event) => {
    const span = traces.later("outbox", `${event.type} to ${to}`, from, event.trace);
    if (span === undefined) return event;
    spans.set(event.id, span);
    return { ...event, trace: span.traceparent };
  });
  try {
    const receipt = await call(sent);
    for (const { id } of receipt.failed) {
      const event = events.find((one) => one.id === id);
      const span = spans.get(id) ?? traces.insist("outbox", `${event?.type} to ${to}`, from, event?.trace);
      span?.trace.keep("error");
      span?.end(refused);
      spans.delete(id);
    }
    for (const span of spans.values()) span.end();
    return receipt;
  } catch (error) {
    for (const span of spans.values()) span.end(error);
    throw error;
  }
}

/** Takes durable events in spans of their own; `work` gets them with the traces that go on from there. */
export async function receiveTraced<R extends Receipt>(
  traces: TraceBook | undefined,
  actor: string,
  events: Delivery[],
  work: (events: Delivery[]) => Promise<R>,
): Promise<R> {
  if (traces === undefined || events.every(({ trace }) => trace === undefined)) return work(events);
  const spans: Span[] = [];
  const taken = events.map((event) => {
    const span = traces.later("inbox", event.type, actor, event.trace);
    if (span === undefined) return event;
    spans.push(span);
    return { ...event, trace: span.traceparent };
  });
  try {
    const receipt = await work(taken);
    for (const span of spans) span.end();
    return receipt;
  } catch (error) {
    for (const span of spans) span.end(error);
    throw error;
  }
}
