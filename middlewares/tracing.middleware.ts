import type { Context, Middleware, ServiceBroker, ServiceSchema } from "moleculer";
import { statusOf } from "../contract/errors.ts";
import { contextOf } from "../mixins/context.ts";
import { TraceBook } from "../tracing/book.ts";
import { currentSpan, runIn } from "../tracing/current.ts";
import type { Span } from "../tracing/span.ts";
import { setTraces } from "../tracing/traces-of.ts";
import { defineMiddleware, type Wrap } from "./define-middleware.ts";

/** How a node tells the others which traces are worth keeping. */
const KEEP = "traces.keep";
/** Milliseconds in which such words are gathered. */
const tellEvery = 100;
/** Traces held for a late word: the last second or so of a busy node. Alone, only events look back. */
const heldInCluster = 400;
const heldAlone = 64;
/** The gateway's own span is the request's; and who keeps spans makes none. */
const without = new Set(["gateway.rest", "metrics.keep"]);

const actorOf = (action: string): string => action.slice(0, action.indexOf("."));

/** Gathers ids and broadcasts them together. */
function teller(broker: ServiceBroker): (traceID: string) => void {
  let waiting: string[] = [];
  return (traceID) => {
    if (waiting.length === 0)
      setTimeout(() => {
        const ids = waiting;
        waiting = [];
        broker.broadcast(KEEP, { ids }).catch(() => undefined);
      }, tellEvery).unref();
    waiting.push(traceID);
  };
}

const listener = (book: TraceBook): ServiceSchema => ({
  name: "$traces",
  events: {
    [KEEP]: (ctx: Context<{ ids: string[] }>) => ctx.params.ids.forEach((id) => book.keep(id)),
  },
});

async function worked(span: Span, work: Promise<unknown>): Promise<unknown> {
  try {
    const answer = await work;
    span.end();
    return answer;
  } catch (error) {
    span.end(error);
    throw error;
  }
}

/**
 * A span for every call that this node works or asks of another, at the price of one small object: whether anybody ever
 * sees it is decided at the end of the request (services/gateway/gateway.trace.ts). Stands in the place of Moleculer's own
 * middleware, which makes far costlier spans with all params in their tags; its tracer and exporters get what is kept.
 */
export function tracing(broker: ServiceBroker): Middleware {
  const { config } = contextOf(broker);
  if (config.tracing === undefined) return { name: "Traces" };
  const alone = config.transporter === undefined;
  const book = new TraceBook({
    emit: (span) => broker.tracer.invokeExporter("spanFinished", [span]),
    tell: alone ? () => undefined : teller(broker),
    sample: config.tracing.sample,
    slowMs: config.tracing.slowMs,
    held: alone ? heldAlone : heldInCluster,
  });
  setTraces(broker, book);

  const begin = (ctx: Context, name: string, actor: string): { span: Span; root: boolean } => {
    const remote = ctx.nodeID !== broker.nodeID;
    const parent = remote ? undefined : currentSpan();
    if (parent !== undefined) return { span: parent.child("action", name, actor), root: false };
    const { traceparent } = ctx.headers as { traceparent?: string };
    const id = ctx.requestID ?? ctx.id;
    const joined = remote ? book.join("action", name, actor, id, traceparent) : undefined;
    if (joined !== undefined) return { span: joined, root: false };
    return { span: book.background("action", name, actor, id), root: true };
  };

  const work: Wrap = (next, { name }) => {
    if (name.startsWith("$") || without.has(name)) return next;
    const actor = actorOf(name);
    return async function traceAction(ctx) {
      const { span, root } = begin(ctx, name, actor);
      let status = 200;
      try {
        return await worked(span, runIn(span, next, ctx));
      } catch (error) {
        status = statusOf(error);
        throw error;
      } finally {
        if (root && (status === 200 || status >= 500)) book.decide(span, status);
      }
    };
  };
  const ask: Wrap = (next, { name }) => {
    if (name.startsWith("$") || without.has(name)) return next;
    return function traceCall(ctx) {
      const parent = currentSpan();
      if (parent === undefined) return next(ctx);
      const span = parent.child("call", name);
      ctx.headers = { ...ctx.headers, traceparent: span.traceparent };
      return worked(span, runIn(span, next, ctx));
    };
  };
  const middleware = defineMiddleware({ name: "Traces", localAction: work, remoteAction: ask });
  return alone ? middleware : { ...middleware, created: () => void broker.createService(listener(book)) };
}
